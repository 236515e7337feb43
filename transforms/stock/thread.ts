import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Misfit } from '../misfit.ts'
import type { FromWorker, StockAsk, StockSpec, ToWorker } from './protocol.ts'

/** What one row may cost in time, and in memory of the thread. */
export const STOCK_LIMITS = { timeoutMs: 2_000, heapMb: 256, stackMb: 4 }
/** Starting the thread and reading the code is no row's fault. */
const START_MS = 30_000

const TOO_SLOW = new Misfit(
  'E503',
  `the expression failed: it took longer than ${STOCK_LIMITS.timeoutMs / 1000} seconds`,
)
const TOO_BIG = new Misfit('E503', 'the expression failed: it needs too much memory or recursion')

type Row = Omit<StockAsk, 'id' | 'spec'>

interface Waiting {
  id: number
  resolve(value: unknown): void
  reject(misfit: Misfit): void
  timer: NodeJS.Timeout
}

/**
 * The stock interpreter in a thread of its own, with a limit for its heap and a timer that ends it: whatever an
 * expression does, its row is rejected in time and everything else goes on. The thread starts with the first
 * evaluation, and again after its end.
 */
export class StockThread {
  private readonly specs: StockSpec[] = []
  private worker?: Worker
  private waiting?: Waiting
  private count = 0
  private turn: Promise<unknown> = Promise.resolve()

  /** @returns evaluates the expression; rejects with a `Misfit` */
  expression(spec: StockSpec): (row: Row) => Promise<unknown> {
    const at = this.specs.push(spec) - 1
    this.worker?.postMessage({ kind: 'spec', spec } satisfies ToWorker)
    return (row) => {
      const mine = this.turn.then(() => this.ask(at, row))
      this.turn = mine.catch(() => {})
      return mine
    }
  }

  async close(): Promise<void> {
    const { worker } = this
    this.worker = undefined
    await worker?.terminate()
  }

  private async ask(spec: number, row: Row): Promise<unknown> {
    this.worker ??= await this.start()
    const { worker } = this
    return new Promise((resolve, reject) => {
      const id = ++this.count
      const timer = setTimeout(() => this.end(TOO_SLOW), STOCK_LIMITS.timeoutMs)
      this.waiting = { id, resolve, reject, timer }
      worker.ref()
      worker.postMessage({ kind: 'ask', id, spec, ...row } satisfies ToWorker)
    })
  }

  private async start(): Promise<Worker> {
    const worker = new Worker(ENTRY, {
      eval: typeof ENTRY === 'string',
      env: {},
      stdout: false,
      resourceLimits: { maxOldGenerationSizeMb: STOCK_LIMITS.heapMb, stackSizeMb: STOCK_LIMITS.stackMb },
    })
    worker.on('message', (answer: FromWorker) => this.settle(answer))
    worker.on('error', () => this.end(TOO_BIG))
    for (const spec of this.specs) worker.postMessage({ kind: 'spec', spec } satisfies ToWorker)
    await isReady(worker)
    worker.unref()
    return worker
  }

  private settle(answer: FromWorker): void {
    const { waiting } = this
    if (waiting?.id !== answer.id) return
    this.rest()
    if ('misfit' in answer) waiting.reject(new Misfit(answer.misfit.code, answer.misfit.reason))
    else waiting.resolve(answer.value ?? undefined)
  }

  private end(misfit: Misfit): void {
    const { waiting, worker } = this
    this.worker = undefined
    this.rest()
    void worker?.terminate()
    waiting?.reject(misfit)
  }

  private rest(): void {
    clearTimeout(this.waiting?.timer)
    this.waiting = undefined
    // An idle thread must not keep a process alive.
    this.worker?.unref()
  }
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
    const timer = setTimeout(() => reject(TOO_SLOW), START_MS)
    worker.once('message', () => {
      clearTimeout(timer)
      resolve()
    })
    worker.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}
