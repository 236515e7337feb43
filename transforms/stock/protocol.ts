import type { ErrorCode } from '../../core/errors.ts'
import type { RefTarget } from '../../core/mapping.ts'

/** An expression for the stock interpreter, as data: the worker parses and prepares it anew. */
export interface StockSpec {
  text: string
  /** Fraction digits of `$decimal` in it. */
  scale: number
  /** What `$ref` and `$self` in it can lead to. */
  dataset: { pipeline: string; name: string; targets: { as?: string; each: boolean }[] }
  refs: Record<string, RefTarget>
  timezone?: string
}

/** One evaluation. */
export interface StockAsk {
  id: number
  /** Index of a spec that was sent before. */
  spec: number
  input: unknown
  row: unknown
  /** What `$self` begins with. */
  self: string
  /** Long numbers of the row, which must not be ordered. */
  longs: string[]
}

export type ToWorker = { kind: 'spec'; spec: StockSpec } | ({ kind: 'ask' } & StockAsk)

/** What an evaluation came to; nothing of the row's values stands in an error. */
export type FromWorker =
  | { id: number; value: unknown }
  | { id: number; misfit: { code: ErrorCode; reason: string } }

/** The first message: the code is read, and time counts from here. */
export const READY: FromWorker = { id: 0, value: 'ready' }
