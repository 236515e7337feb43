import type { Place } from './place.ts'

/** `E101` … `E999`; every code has a page in the catalog (`core/catalog`). */
export type ErrorCode = `E${number}`

/** One finding. `problem` says what and names the value (never a secret, never personal data). */
export interface Problem {
  code: ErrorCode
  severity: 'error' | 'warning'
  at?: Place
  problem: string
  /** The next step. */
  remedy?: string
  /** What would have happened. */
  note?: string
}

export interface ErrorDetails {
  problem: string
  remedy?: string
  note?: string
  at?: Place
  cause?: unknown
}

/** The class says who acts; the code says what happened. */
export abstract class PolderError extends Error {
  readonly code: ErrorCode
  readonly problem: string
  readonly remedy?: string
  readonly note?: string
  readonly at?: Place

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(`${code}: ${details.problem}${details.remedy ? ` ${details.remedy}` : ''}`, {
      cause: details.cause,
    })
    this.name = new.target.name
    this.code = code
    this.problem = details.problem
    this.remedy = details.remedy
    this.note = details.note
    this.at = details.at
  }

  asProblem(): Problem {
    const { code, at, problem, remedy, note } = this
    return { code, severity: 'error', at, problem, remedy, note }
  }
}

/** The user edits. */
export class ConfigError extends PolderError {}
/** The user grants. */
export class AuthError extends PolderError {}
/** The runner retries. */
export class TransientError extends PolderError {}
/** The row is set aside. `row` is its index in the batch. */
export class RowError extends PolderError {
  readonly row: number
  constructor(code: ErrorCode, row: number, details: ErrorDetails) {
    super(code, details)
    this.row = row
  }
}
/** The source gave something that is no data: the read fails and nothing shrinks. */
export class SourceError extends PolderError {}
/** The data failed a guard (reject threshold, shrink guard): the user decides. */
export class DataError extends PolderError {}
/** The source's shape broke the agreed contract. */
export class ContractError extends PolderError {}
/** Somebody else holds the lease, or took it over: nothing was committed. */
export class LeaseError extends PolderError {}
/** Disk full or warehouse unusable: fatal for this process. */
export class WarehouseError extends PolderError {}
/** We. */
export class BugError extends PolderError {}

/** Several configuration problems at once. */
export class ConfigErrors extends Error {
  readonly problems: Problem[]
  constructor(problems: Problem[]) {
    super(problems.map((it) => `${it.code}: ${it.problem}`).join('\n'))
    this.name = 'ConfigErrors'
    this.problems = problems
  }
}
