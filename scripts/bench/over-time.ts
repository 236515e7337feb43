import type { Sample } from './command.ts'

/** Growth of the memory over the second half, by least squares: megabytes per second. */
export function slope(samples: Sample[]): number {
  const half = samples.slice(samples.length >> 1)
  const mean = (of: (it: Sample) => number) => half.reduce((sum, it) => sum + of(it), 0) / half.length
  const [at, rss] = [mean((it) => it.at), mean((it) => it.rss)]
  const spread = half.reduce((sum, it) => sum + (it.at - at) ** 2, 0)
  return spread === 0 ? 0 : half.reduce((sum, it) => sum + (it.at - at) * (it.rss - rss), 0) / spread
}

const STEPS = 10

/** The highest point of each tenth of the run. */
export const tenths = (samples: Sample[], of: 'rss' | 'heap' | 'external'): string =>
  Array.from({ length: STEPS }, (_, i) => {
    const part = samples.slice((samples.length * i) / STEPS, Math.max(1, (samples.length * (i + 1)) / STEPS))
    return Math.round(Math.max(...part.map((it) => it[of])))
  }).join(' ')
