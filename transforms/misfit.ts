import type { ErrorCode } from '../core/errors.ts'

/** Why a value, and with it its source row, cannot be used. Returned by coercion, thrown out of an expression. */
export class Misfit {
  readonly code: ErrorCode
  /** In words, never with the row's values. */
  readonly reason: string
  /** Where an evaluation stood: the character of the expression behind the token, from 1. */
  readonly at?: number

  constructor(code: ErrorCode, reason: string, at?: number) {
    this.code = code
    this.reason = reason
    if (at !== undefined) this.at = at
  }
}

/** A value that fits after a change which is counted. */
export class Changed<T> {
  readonly value: T
  readonly code: ErrorCode

  constructor(value: T, code: ErrorCode) {
    this.value = value
    this.code = code
  }
}

/** Ends the mapping of a source row: the misfit and where it arose. */
export class Rejected {
  readonly misfit: Misfit
  readonly table?: string
  readonly column?: string

  constructor(misfit: Misfit, table?: string, column?: string) {
    this.misfit = misfit
    this.table = table
    this.column = column
  }
}
