import { EngineError } from './error.ts'

/** What one evaluation may cost. */
export interface Limits {
  timeoutMs: number
  /** Calls within calls. */
  calls: number
  /** Entries of one list. */
  sequence: number
  /** Characters of one text. */
  text: number
}

export const LIMITS: Limits = { timeoutMs: 2000, calls: 5000, sequence: 10_000_000, text: 10_000_000 }

/** Steps between two looks at the clock. */
const FUEL = 2000

/** The one evaluation under way; evaluations of one compiled expression follow each other. */
export interface State {
  readonly limits: Limits
  /** Steps left until the next look at the clock. */
  fuel: number
  startedAt: number
  depth: number
  /** The moment of the evaluation, once it was asked for. */
  now: Date | undefined
  /** The input as it was given, for `$$`. */
  root: unknown
  bindings: Record<string, unknown> | undefined
  /** What a tail call goes to; read by the loop in `call`. */
  tailFunction: unknown
  tailArguments: unknown[]
  /** The source row as an object, where the root is read field by field. */
  whole: (() => unknown) | undefined
}

export const newState = (limits: Limits, whole: (() => unknown) | undefined): State => ({
  limits,
  fuel: FUEL,
  startedAt: 0,
  depth: 0,
  now: undefined,
  root: undefined,
  bindings: undefined,
  tailFunction: undefined,
  tailArguments: [],
  whole,
})

export function startEvaluation(state: State): void {
  state.fuel = FUEL
  state.startedAt = 0
  state.depth = 0
  state.now = undefined
}

/** Counts a step of a loop or a call. @throws {EngineError} D1012 after the time limit */
export function tick(state: State): void {
  if (--state.fuel < 0) lookAtClock(state)
}

// Short evaluations never see the clock: it would cost more than they do.
function lookAtClock(state: State): void {
  const now = performance.now()
  state.fuel = FUEL
  if (state.startedAt === 0) state.startedAt = now
  else if (now - state.startedAt > state.limits.timeoutMs)
    throw new EngineError('D1012', state.limits.timeoutMs)
}

/** Counts the characters that a function reads or writes at once. */
export function tickFor(state: State, work: number): void {
  state.fuel -= work >> 6
  if (state.fuel < 0) lookAtClock(state)
}

const SHORT = 500

/** Counts what a built-in may go through: long texts and lists. */
export function tickArguments(state: State, given: readonly unknown[]): void {
  for (let at = 0; at < given.length; at++) tickValue(state, given[at])
}

export function tickValue(state: State, value: unknown): void {
  if (typeof value === 'string' || Array.isArray(value)) {
    if (value.length > SHORT) tickFor(state, typeof value === 'string' ? value.length : value.length * 8)
  }
}

export function checkSize(state: State, size: number): void {
  if (size > state.limits.sequence) throw new EngineError('D2015', state.limits.sequence)
}

export function checkText(state: State, length: number): void {
  if (length > state.limits.text) throw new EngineError('P1001', state.limits.text)
}

export const nowOf = (state: State): Date => {
  state.now ??= new Date()
  return state.now
}

/** Stands for the row where it is read field by field, so that nobody builds it without need. */
export const ROW = Symbol('row')
export const contextValue = (state: State, context: unknown): unknown =>
  context === ROW ? state.whole!() : context
