/** Loaded into the measured process by `--import`: notes its memory every so often, and leaves it in a file at its end. */
import { writeFileSync } from 'node:fs'

const SAMPLE_MS = 100
const MEGABYTE = 1024 * 1024
const began = performance.now()
const samples = []

function sample() {
  const { rss, heapUsed, external } = process.memoryUsage()
  samples.push({
    at: (performance.now() - began) / 1000,
    rss: rss / MEGABYTE,
    heap: heapUsed / MEGABYTE,
    external: external / MEGABYTE,
  })
}

setInterval(sample, SAMPLE_MS).unref()
process.once('exit', () => {
  sample()
  const peak = process.resourceUsage().maxRSS / 1024
  writeFileSync(process.env.BENCH_SAMPLES, JSON.stringify({ peak, samples }))
})
