/** Runs expressions in the stock interpreter, in a thread that can be ended at any moment. */
import { parentPort } from 'node:worker_threads'
import { failure } from '../failure.ts'
import { Misfit } from '../misfit.ts'
import { plainJson } from '../plain.ts'
import { type Prepared, prepareStock, type StockRow } from './prepare.ts'
import { type FromWorker, READY, type StockAsk, type ToWorker } from './protocol.ts'

const row: StockRow = { self: '', longs: new Set() }
const specs: Prepared[] = []
const port = parentPort!

port.on('message', async (message: ToWorker) => {
  if (message.kind === 'spec') specs.push(prepareStock(message.spec, row))
  else port.postMessage(await answer(message))
})

/** One at a time: the asker waits for each. */
async function answer({ id, spec, input, row: whole, self, longs }: StockAsk): Promise<FromWorker> {
  row.self = self
  row.longs = new Set(longs)
  const prepared = specs[spec]!
  try {
    const expression = longs.length > 0 ? prepared.guarded() : prepared.plain
    const value = plainResult(await expression.evaluate(input, { row: whole }))
    return { id, value }
  } catch (cause) {
    const { code, reason } = failure(cause)
    return { id, misfit: { code, reason } }
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
