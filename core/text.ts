/** The nearest of `names` within a third of its length (edits, case folded), for "did you mean". */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestCost = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of names) {
    const cost = edits(wanted, candidate.toLowerCase(), bestCost)
    if (cost < bestCost) {
      best = candidate
      bestCost = cost
    }
  }
  return best
}

/** Damerau-Levenshtein (adjacent swaps count one); gives up at `limit`. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous2: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, previous2[j - 2]! + 1)
      row.push(cost)
    }
    previous2 = previous
    previous = row
  }
  return previous[b.length]!
}

/** `Did you mean "x"? ` or nothing. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const near = nearest(name, names)
  return near === undefined ? '' : `Did you mean "${near}"? `
}

/** `1 row`, `2 rows`, `1,204 rows`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
