import type { ErrorCode } from '../../core/errors.ts'
import { Misfit } from '../misfit.ts'

/** A function of Polder's own: what documentation, checks and both interpreters need of it. */
export interface OwnFunction {
  name: string
  signature: string
  description: string
  example: string
  /** Fewest and most arguments. */
  arguments: readonly [number, number]
  /** The type of what it gives. */
  result: 'text' | 'number' | 'any'
  /**
   * Gives the function for one mapping; a missing first argument gives missing. Absent: calls of it are resolved when
   * the mapping is compiled.
   * @throws {Unfit} of the function: the value is none of its kind
   */
  make?(context: FunctionContext): (...values: unknown[]) => unknown
}

export interface FunctionContext {
  /** Zone of values that carry none. */
  zone?: string
  /** Counts a change of the value in hand. */
  changed(code: ErrorCode): void
}

/** A value that a function takes and that is none of its kind: `invalid: missing` makes it NULL. */
export class Unfit extends Misfit {}

export const isMissing = (value: unknown): value is undefined | null => value === undefined || value === null
