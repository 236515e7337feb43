import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counts } from '../../core/counts.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Megabytes, `at` so many seconds. */
export interface Sample {
  at: number
  rss: number
  heap: number
  external: number
}

/** One `polder run`, from the start of its process to its end. */
export interface Command {
  counts: Counts
  seconds: number
  /** The most that the process ever held, in megabytes, as the system saw it. */
  peak: number
  samples: Sample[]
}

/** Makes `dist/` as it is published: a run through a compiler at hand would count that one's memory too. */
export const build = (): Promise<string> => output(process.execPath, [join(ROOT, 'scripts/build.mjs')], {})

/**
 * `polder run` of the project in `root`, in a process of its own.
 * @param profile  folder for what the main thread spent its time on
 */
export async function runCommand(root: string, env: NodeJS.ProcessEnv, profile?: string): Promise<Command> {
  const file = join(root, 'samples.json')
  const began = performance.now()
  const sampler = join(ROOT, 'scripts/bench/sampler.mjs')
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const words = [
    ...flags,
    '--import',
    sampler,
    join(ROOT, 'bin/polder.mjs'),
    'run',
    '--project',
    root,
    '--json',
  ]
  const printed = await output(process.execPath, words, { ...env, BENCH_SAMPLES: file })
  const seconds = (performance.now() - began) / 1000
  const { result } = JSON.parse(printed) as { result: { counts: Counts } }
  const { peak, samples } = JSON.parse(await readFile(file, 'utf8')) as Pick<Command, 'peak' | 'samples'>
  return { counts: result.counts, seconds, peak, samples }
}

function output(program: string, words: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`polder ended with ${code}: ${text}`)),
    )
  })
}
