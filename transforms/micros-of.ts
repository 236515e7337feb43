/** What a measurement may cost beyond its first evaluation. */
const BUDGET_MS = 40
/** Evaluations between two looks at the clock, which takes about as long as a quick one itself. */
const QUICK = 50

/**
 * Microseconds that one evaluation takes: the median of the later half of many looks, since the first ones run cold.
 * @throws what the evaluation throws
 */
export async function microsOf(once: () => unknown): Promise<number> {
  const times: number[] = []
  const end = performance.now() + BUDGET_MS
  let repeat = 1
  do {
    const began = performance.now()
    for (let at = 0; at < repeat; at++) {
      const value = once()
      if (value instanceof Promise) await value
    }
    const took = (performance.now() - began) * 1000
    times.push(took / repeat)
    if (took < QUICK) repeat = QUICK
  } while (performance.now() < end)
  const warm = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b)
  return Math.round(warm[Math.floor(warm.length / 2)]! * 100) / 100
}
