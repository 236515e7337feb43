import type { Batch, BrokenRow, Checkpoint, Column, Range } from '../core/batch.ts'
import type { ReadAsk } from '../core/connector.ts'
import { type ErrorCode, RowError } from '../core/errors.ts'
import type { Json } from '../core/value.ts'

export const MAX_BATCH_ROWS = 10_000
export const MAX_BATCH_BYTES = 8_000_000
/** A larger row is set aside (`broken`): what every warehouse can merge in the memory that it has by default. */
export const MAX_ROW_BYTES = 8_000_000

/** What a connector knows of its rows, whatever form (`R`) they have before they are decoded. */
export interface RowsOf<R> {
  /** Approximate bytes of one row in memory. */
  size(row: R): number
  /** Set where the source could not give the row whole. */
  broken?(row: R): BrokenRow | undefined
  /** What the reject table keeps of a row that cannot be decoded or is too large. */
  excerpt(row: R): { row: Json; place?: string }
  /** @throws {RowError} with the row's index: it is set aside and the others are decoded without it */
  decode(rows: R[]): Pick<Batch, 'schema' | 'mark' | 'ops'> & { columns: Column[] }
  /** True where a reading that goes on after `earlier` would pass over `later`: no checkpoint parts the two. */
  samePlace(earlier: R, later: R): boolean
  /** Where reading goes on after `last`; undefined where it cannot. */
  checkpoint(last: R): Checkpoint | undefined
}

/**
 * Gathers rows into batches within the limits of `ask`. A batch gets its checkpoint only when the row after it
 * is known to lie at another place, so that rows with equal keys are never parted.
 */
export async function* batches<R>(
  chunks: AsyncIterable<R[]>,
  rowsOf: RowsOf<R>,
  range: Range,
  ask: Pick<ReadAsk, 'maxRows' | 'maxBytes' | 'signal'>,
): AsyncGenerator<Batch> {
  const maxRows = Math.max(1, Math.min(ask.maxRows, MAX_BATCH_ROWS))
  const maxBytes = Math.max(1, Math.min(ask.maxBytes, MAX_BATCH_BYTES))
  let seq = 0
  let rows: R[] = []
  let bytes = 0
  const finish = (checkpoint: Checkpoint | undefined): Batch => {
    const batch = batchOf(rows, bytes, rowsOf)
    rows = []
    bytes = 0
    return { ...batch, range: range.id, seq: seq++, ...(checkpoint ? { checkpoint } : {}) }
  }
  for await (const chunk of chunks) {
    for (const row of chunk) {
      const size = rowsOf.size(row)
      if (rows.length === maxRows || (rows.length > 0 && bytes + size > maxBytes)) {
        const last = rows.at(-1)!
        ask.signal.throwIfAborted()
        yield finish(rowsOf.samePlace(last, row) ? undefined : rowsOf.checkpoint(last))
      }
      rows.push(row)
      bytes += size
    }
  }
  ask.signal.throwIfAborted()
  if (rows.length > 0) yield finish(rowsOf.checkpoint(rows.at(-1)!))
}

type Content = Pick<Batch, 'schema' | 'rows' | 'bytes' | 'payload' | 'mark' | 'ops' | 'broken'>

function batchOf<R>(all: R[], bytes: number, rowsOf: RowsOf<R>): Content {
  const broken: BrokenRow[] = []
  const whole = all.filter((row) => {
    const found = rowsOf.broken?.(row) ?? tooLarge(row, rowsOf)
    if (found) broken.push(found)
    return found === undefined
  })
  const { rows, decoded } = decodeWhole(whole, rowsOf, broken)
  return {
    schema: decoded.schema,
    rows,
    bytes,
    payload: { form: 'columns', columns: decoded.columns },
    ...(decoded.mark ? { mark: decoded.mark } : {}),
    ...(decoded.ops ? { ops: decoded.ops } : {}),
    ...(broken.length > 0 ? { broken } : {}),
  }
}

function decodeWhole<R>(rows: R[], rowsOf: RowsOf<R>, broken: BrokenRow[]) {
  try {
    return { rows: rows.length, decoded: rowsOf.decode(rows) }
  } catch (error) {
    if (!(error instanceof RowError)) throw error
    // One by one: there may be many, and decoding the rest again after each would be quadratic.
    const readable = rows.filter((row) => isReadable(row, rowsOf, broken))
    return { rows: readable.length, decoded: rowsOf.decode(readable) }
  }
}

function isReadable<R>(row: R, rowsOf: RowsOf<R>, broken: BrokenRow[]): boolean {
  try {
    rowsOf.decode([row])
    return true
  } catch (error) {
    if (!(error instanceof RowError)) throw error
    broken.push({ code: error.code, reason: error.problem, ...rowsOf.excerpt(row) })
    return false
  }
}

const TOO_LARGE: ErrorCode = 'E443'

function tooLarge<R>(row: R, rowsOf: RowsOf<R>): BrokenRow | undefined {
  const bytes = rowsOf.size(row)
  if (bytes <= MAX_ROW_BYTES) return undefined
  const megabytes = (size: number) => `${Math.ceil(size / 100_000) / 10} MB`
  const reason = `The row has ${megabytes(bytes)}; a row may have ${megabytes(MAX_ROW_BYTES)}.`
  return { code: TOO_LARGE, reason, ...rowsOf.excerpt(row) }
}

const EXCERPT_LENGTH = 200

/** A copy of `value` for the reject table, with long texts cut. */
export function excerptOf(value: Json): Json {
  if (typeof value === 'string')
    return value.length > EXCERPT_LENGTH ? `${value.slice(0, EXCERPT_LENGTH)}…` : value
  if (Array.isArray(value)) return value.slice(0, EXCERPT_LENGTH).map(excerptOf)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, excerptOf(it)]))
}
