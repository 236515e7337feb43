import type { ErrorCode } from '../../core/errors.ts'
import type { RefTarget } from '../../core/mapping.ts'

/** An expression for the stock interpreter, as data: the worker parses and prepares it anew. */
export interface StockSpec {
  text: string
  /** Where the user's own expression begins. */
  begin?: number
  /** Fraction digits of `$decimal` in it. */
  scale: number
  /** What `$ref` and `$self` in it can lead to. */
  dataset: { pipeline: string; name: string; targets: { as?: string; each: boolean }[] }
  refs: Record<string, RefTarget>
  zone?: string
}

/** One evaluation. */
export interface StockAsk {
  /** Id of a spec that was sent before. */
  spec: number
  input: unknown
  row: unknown
  /** What `$self` begins with. */
  self: string
  /** Long numbers of the row, which must not be ordered. */
  longs: string[]
}

export type ToWorker =
  | { kind: 'reset' }
  | { kind: 'spec'; id: number; spec: StockSpec }
  | ({ kind: 'ask' } & StockAsk)

/** What an evaluation came to; nothing of the row's values stands in an error. */
export type FromWorker =
  | { value: unknown; noted: ErrorCode[] }
  | { misfit: { code: ErrorCode; reason: string; at?: number; unfit: boolean } }

/** The first message: the code is read, and time counts from here. */
export const READY: FromWorker = { value: 'ready', noted: [] }
