import type { ErrorCode } from '../../core/errors.ts'
import { Unfit } from '../functions/own-function.ts'
import { Misfit } from '../misfit.ts'
import type { FromWorker, StockAsk, StockSpec, ToWorker } from './protocol.ts'
import { endThread, giveBack, type Thread, takeThread } from './threads.ts'

/** What one row may cost; the interpreter's own limit, which names the failure better, comes a little earlier. */
export const TIMEOUT_MS = 2_500

const TOO_SLOW = new Misfit('E503', 'the expression failed: it took longer than 2 seconds')
const TOO_BIG = new Misfit('E503', 'the expression failed: it needs too much memory or recursion')

export interface StockOutcome {
  /** Undefined where missing. */
  value: unknown
  /** Changes that functions made of it. */
  noted: ErrorCode[]
}

let specs = 0

/**
 * An expression in the stock interpreter, in a thread with a limit for its heap and a timer that ends it: whatever the
 * expression does, its row is rejected in time and everything else goes on.
 * @returns evaluates it for one row; rejects with a `Misfit`
 */
export function stockExpression(spec: StockSpec): (row: Omit<StockAsk, 'spec'>) => Promise<StockOutcome> {
  const id = specs++
  return async (row) => {
    const thread = await takeThread()
    if (!thread.known.has(id)) {
      thread.worker.postMessage({ kind: 'spec', id, spec } satisfies ToWorker)
      thread.known.add(id)
    }
    return evaluate(thread, { ...row, spec: id })
  }
}

function evaluate(thread: Thread, ask: StockAsk): Promise<StockOutcome> {
  const { worker } = thread
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      worker.off('message', answered)
      worker.off('error', failed)
    }
    const lost = (misfit: Misfit) => {
      done()
      endThread(thread)
      reject(misfit)
    }
    const answered = (answer: FromWorker) => {
      done()
      giveBack(thread)
      if ('misfit' in answer) reject(misfitOf(answer.misfit))
      else resolve({ value: answer.value ?? undefined, noted: answer.noted })
    }
    const failed = () => lost(TOO_BIG)
    const timer = setTimeout(() => lost(TOO_SLOW), TIMEOUT_MS)
    worker.on('message', answered)
    worker.on('error', failed)
    worker.ref()
    worker.postMessage({ kind: 'ask', ...ask } satisfies ToWorker)
  })
}

const misfitOf = ({ code, reason, at, unfit }: Misfit & { unfit: boolean }): Misfit =>
  unfit ? new Unfit(code, reason) : new Misfit(code, reason, at)
