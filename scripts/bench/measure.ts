/** One line of the result. */
export interface Line {
  of: string
  what: string
  rowsPerSecond: number
  /** Share of a limit taken in the same round; the median over the rounds. */
  share?: number
  /** The limit that `share` is of. */
  limit?: string
  rssMegabytes?: number
  notes?: string
}

const SAMPLE_MS = 50
const MEGABYTE = 1024 * 1024

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const rssMegabytes = (): number => process.memoryUsage.rss() / MEGABYTE

/** Samples the memory of this process while `work` runs. */
export async function sampled<T>(work: () => Promise<T>): Promise<{ result: T; samples: number[] }> {
  const samples = [rssMegabytes()]
  const timer = setInterval(() => samples.push(rssMegabytes()), SAMPLE_MS)
  try {
    return { result: await work(), samples: [...samples, rssMegabytes()] }
  } finally {
    clearInterval(timer)
  }
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** As a table on stdout, or as JSON. */
export function print(lines: Line[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`)
  else
    console.table(
      lines.map((it) => ({
        of: it.of,
        what: it.what,
        'rows/s': Math.round(it.rowsPerSecond).toLocaleString('en-US'),
        share: it.share === undefined ? '' : `${it.share.toFixed(2)} of ${it.limit}`,
        'peak MB': it.rssMegabytes === undefined ? '' : Math.round(it.rssMegabytes),
        notes: it.notes ?? '',
      })),
    )
}
