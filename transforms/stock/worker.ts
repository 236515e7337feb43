/** Runs expressions in the stock interpreter, in a thread that can be ended at any moment. */
import { parentPort } from 'node:worker_threads'
import type { ErrorCode } from '../../core/errors.ts'
import { failure } from '../failure.ts'
import { Unfit } from '../functions/own-function.ts'
import { Misfit } from '../misfit.ts'
import { plainJson } from '../plain.ts'
import type { RowContext } from '../prepared.ts'
import { prepareStock, type StockExpression } from './prepare.ts'
import { type FromWorker, READY, type StockAsk, type ToWorker } from './protocol.ts'

let self = ''
let noted: ErrorCode[] = []
const longs = new Set<string>()
const row: RowContext = { self: () => self, longs, changed: (code) => void noted.push(code) }
const specs = new Map<number, StockExpression>()
const port = parentPort!

port.on('message', async (message: ToWorker) => {
  if (message.kind === 'reset') specs.clear()
  else if (message.kind === 'spec') specs.set(message.id, prepareStock(message.spec, row))
  else port.postMessage(await answer(message))
})

/** One at a time: the asker waits for each. */
async function answer(ask: StockAsk): Promise<FromWorker> {
  self = ask.self
  noted = []
  longs.clear()
  for (const it of ask.longs) longs.add(it)
  const prepared = specs.get(ask.spec)!
  try {
    const expression = longs.size > 0 ? prepared.guarded() : prepared.plain
    const value = plainResult(await expression.evaluate(ask.input, { row: ask.row }))
    return { value, noted }
  } catch (cause) {
    const { code, reason, at } = failure(cause, prepared.begin)
    return { misfit: { code, reason, at, unfit: cause instanceof Unfit } }
  }
}

/** What can cross to the other thread. */
function plainResult(value: unknown): unknown {
  if (typeof value === 'number') return value
  const plain = plainJson(value)
  if (plain instanceof Misfit) throw plain
  return plain
}

port.postMessage(READY)
