import type { FaultPoint } from '../../core/fault.ts'
import type { CommandResult, TestProject } from './project.ts'

export const FAULT_POINTS: FaultPoint[] = ['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10']

/** Runs `polder run`, which kills itself (SIGKILL) at the `pass`-th time that it comes by `point`. */
export function runKilledAt(
  project: TestProject,
  point: FaultPoint,
  pass = 1,
  words: string[] = ['run'],
): Promise<CommandResult> {
  return project.polder(words, { env: { POLDER_FAULT_AT: `${point}:${pass}` } })
}

/** True where the process died at this point and nowhere else: no end of its own counts as a kill. */
export const diedAt = (result: CommandResult, point: FaultPoint): boolean =>
  result.signal === 'SIGKILL' && result.stderr.includes(`fault point ${point} fired`)

/** Runs `polder run` and kills it from outside after `delayMs`, unless it has ended before. */
export function runKilledAfter(
  project: TestProject,
  delayMs: number,
  words: string[] = ['run'],
): Promise<CommandResult> {
  let timer: NodeJS.Timeout | undefined
  const onStart = (child: { kill(signal: NodeJS.Signals): void }) => {
    timer = setTimeout(() => child.kill('SIGKILL'), delayMs)
  }
  return project.polder(words, { onStart }).finally(() => clearTimeout(timer))
}

/** For `onTestFailed`, which also hears of a test whose time is up: no reason is lost with the process that had it. */
export const tellCommands = (name: string, { commands }: TestProject): void =>
  console.error(`${name}: every command, in order\n${commands.join('\n')}`)

/** The same numbers in [0, 1) for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** POLDER_TEST_SEED, else a new one; a test prints it, so that the same kills can be had again. */
export const testSeed = (): number =>
  Number(process.env.POLDER_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
