import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './protocol.ts'

const HEAP_MB = 256
const STACK_MB = 4
/** Starting a thread and reading the code is no row's fault. */
const START_MS = 30_000
/** Expressions that a thread keeps prepared; there are rarely more in a project. */
const MOST_KNOWN = 500
const MOST_THREADS = Math.max(2, availableParallelism())

/** A thread and the expressions that it was told of. */
export interface Thread {
  worker: Worker
  known: Set<number>
}

const idle: Thread[] = []
const waiting: ((thread: Thread | undefined) => void)[] = []
let count = 0

/** An idle thread, a new one, or the next that is given back. */
export async function takeThread(): Promise<Thread> {
  const thread =
    idle.pop() ??
    (count < MOST_THREADS ? undefined : await new Promise<Thread | undefined>((it) => waiting.push(it)))
  if (thread) return thread
  count += 1
  try {
    return { worker: await newWorker(), known: new Set() }
  } catch (error) {
    leave()
    throw error
  }
}

/** An idle thread keeps no process alive. */
export function giveBack(thread: Thread): void {
  thread.worker.unref()
  if (thread.known.size >= MOST_KNOWN) {
    thread.known.clear()
    thread.worker.postMessage({ kind: 'reset' } satisfies ToWorker)
  }
  const next = waiting.shift()
  if (next) next(thread)
  else idle.push(thread)
}

/** Ends a thread, whatever it does. */
export function endThread({ worker }: Thread): void {
  void worker.terminate()
  leave()
}

function leave(): void {
  count -= 1
  waiting.shift()?.(undefined)
}

async function newWorker(): Promise<Worker> {
  const worker = new Worker(ENTRY, {
    eval: typeof ENTRY === 'string',
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: STACK_MB },
  })
  await isReady(worker)
  // One that fails while nobody waits for it is found out by its next user.
  worker.on('error', () => {})
  return worker
}

const ENTRY = import.meta.url.endsWith('.ts') ? sourceEntry() : new URL('./worker.js', import.meta.url)

/** In development the sources are run as they are, through the loader that the tests use. */
function sourceEntry(): string {
  const api = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const [loader, worker] = [pathToFileURL(api).href, new URL('./worker.ts', import.meta.url).href]
  return `import(${JSON.stringify(loader)}).then((it) => { it.register(); import(${JSON.stringify(worker)}) })`
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the thread did not start')), START_MS)
    const settle = (settled: () => void) => {
      clearTimeout(timer)
      worker.removeAllListeners('message')
      worker.removeAllListeners('error')
      settled()
    }
    worker.once('message', (_: FromWorker) => settle(resolve))
    worker.once('error', (error) => settle(() => reject(error)))
  })
}
