import { escapePart, shorten } from '../core/row-id.ts'
import type { Value } from '../core/value.ts'
import type { CompiledColumn, PendingChange } from './column.ts'
import { Unfit } from './functions/own-function.ts'
import { keyText } from './key-text.ts'
import { Changed, Misfit, Rejected } from './misfit.ts'
import { isTrue } from './plain.ts'
import type { Runtime } from './runtime.ts'
import type { CompiledTarget } from './target.ts'

/** Where the rows of one unified table are gathered, column by column. */
export interface PartBuilder {
  table: string
  names: string[]
  sourceRow: number[]
  /** Behind `sourceRow.length` there may be values of a row that was not made. */
  columns: Value[][]
  /** See `MappedPart.watched`. */
  watched?: number[]
}

/** What the rows of the source row in hand go to. */
export interface RowOutput {
  parts: Map<string, PartBuilder>
  changes: PendingChange[]
  /** What a row in the making waits for. */
  waiting?: Promise<unknown>
}

/** A step of the work that waits for the interpreter. */
export type Work<T> = Generator<Promise<unknown>, T, unknown>

/** How far a row in the making is: the index of the column that waits, or one of these. */
const WHEN_WAITS = -1
const DONE = -2
const NO_ROW = -3

/** Makes the rows of one target from the source row in hand. @throws {Rejected} */
export function* makeRows(target: CompiledTarget, runtime: Runtime, out: RowOutput): Work<void> {
  const part = out.parts.get(target.table)!
  if (!target.each) {
    const reached = begin(target, runtime, part, out)
    // No generator for a row that waits for nothing.
    const made = reached >= WHEN_WAITS ? yield* resume(target, runtime, part, reached, out) : reached
    if (made === DONE) end(target, runtime, part, idOf(target, runtime))
    return
  }
  const items = listOf(yield* settled(target.each.run, target.table))
  const seen = new Set<string>()
  for (const item of items) {
    runtime.item = item
    const reached = begin(target, runtime, part, out)
    const made = reached >= WHEN_WAITS ? yield* resume(target, runtime, part, reached, out) : reached
    if (made !== DONE) continue
    const key = yield* itemKey(target, seen)
    end(target, runtime, part, `${idOf(target, runtime)}#${key}`)
  }
  runtime.item = undefined
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value.filter((it) => it !== undefined && it !== null) : [value]
}

/** Runs an expression; what it throws gets the place where it stands. */
function* settled(run: () => unknown, table: string): Work<unknown> {
  const value = tried(run, table)
  return value instanceof Promise ? yield* waited(value, table) : value
}

function tried(run: () => unknown, table: string): unknown {
  try {
    return run()
  } catch (cause) {
    throw placed(cause, table)
  }
}

function* waited(value: Promise<unknown>, table: string): Work<unknown> {
  try {
    return yield value
  } catch (cause) {
    throw placed(cause, table)
  }
}

const placed = (cause: unknown, table: string, column?: string): unknown =>
  cause instanceof Misfit ? new Rejected(cause, table, column) : cause

const idOf = ({ suffix }: CompiledTarget, { prefix, key }: Runtime): string => prefix + key + suffix

/** Fills the next row of the part until it is full, is not to be made, or waits. */
function begin(target: CompiledTarget, runtime: Runtime, part: PartBuilder, out: RowOutput): number {
  if (target.when) {
    const answer = tried(target.when.run, target.table)
    if (answer instanceof Promise) {
      out.waiting = answer
      return WHEN_WAITS
    }
    if (!isTrue(answer)) return NO_ROW
  }
  return fill(target, runtime, part, 0, out)
}

function fill(
  target: CompiledTarget,
  runtime: Runtime,
  part: PartBuilder,
  from: number,
  out: RowOutput,
): number {
  const { columns } = target
  for (let at = from; at < columns.length; at++) {
    const column = columns[at]!
    let raw: unknown
    try {
      raw = column.run()
    } catch (cause) {
      raw = misfitOf(cause, column, target)
    }
    if (raw instanceof Promise) {
      out.waiting = raw
      return at
    }
    if (!put(column, raw, target, runtime, part, out)) return NO_ROW
  }
  return DONE
}

/** Goes on with a row that waits, to its end. */
function* resume(
  target: CompiledTarget,
  runtime: Runtime,
  part: PartBuilder,
  reached: number,
  out: RowOutput,
): Work<number> {
  let at = reached
  if (at === WHEN_WAITS) {
    const answer = yield* waited(out.waiting!, target.table)
    if (!isTrue(answer)) return NO_ROW
    at = fill(target, runtime, part, 0, out)
  }
  while (at >= 0) {
    const column = target.columns[at]!
    let raw: unknown
    try {
      raw = yield out.waiting!
    } catch (cause) {
      raw = misfitOf(cause, column, target)
    }
    if (!put(column, raw, target, runtime, part, out)) return NO_ROW
    at = fill(target, runtime, part, at + 1, out)
  }
  return at
}

/** @returns false where a value is missing without which there is no row */
function put(
  column: CompiledColumn,
  raw: unknown,
  target: CompiledTarget,
  runtime: Runtime,
  part: PartBuilder,
  out: RowOutput,
): boolean {
  if (runtime.noted.length > 0) note(column, target, runtime, out)
  const value = fitted(column, raw, target, out)
  if (value === null && column.column.required) {
    // Without another party there is nothing to link, whatever made the party.
    if (!target.when || target.link) return false
    throw new Rejected(REQUIRED_MISSING, target.table, column.column.name)
  }
  part.columns[column.at]![part.sourceRow.length] = value
  return true
}

function end(target: CompiledTarget, runtime: Runtime, part: PartBuilder, whole: string): void {
  const { columns, sourceRow } = part
  const row = sourceRow.length
  for (const at of target.unfilled) columns[at]![row] = null
  if (target.link && !linked(columns, row, target.link, shorten(whole))) return
  const id = target.fitId(whole)
  columns[0]![row] = id
  if (target.anchor) runtime.made.set(target.table, id)
  sourceRow.push(runtime.row)
  part.watched?.push(target.watch)
}

/** @returns false where a party would be linked to itself: sources name the record itself where nothing was merged */
function linked(
  columns: Value[][],
  row: number,
  { from, to }: { from: number; to: number },
  party: string,
): boolean {
  columns[from]![row] = party
  return columns[to]![row] !== party
}

/** What a column's expression throws, with its place, but for a value that does not fit. */
function misfitOf(cause: unknown, { column }: CompiledColumn, { table }: CompiledTarget): Misfit {
  if (!isTooDeep(cause) && !(cause instanceof Unfit)) throw placed(cause, table, column.name)
  return cause
}

/** Found while a value is read, not while it is fitted; it is a value that does not fit all the same. */
const isTooDeep = (cause: unknown): cause is Misfit => cause instanceof Misfit && cause.code === 'E524'

const REQUIRED_MISSING = new Misfit(
  'E518',
  'is missing, and the table requires it of a row that "when" asks for',
)

/** What functions changed on the way to the column. */
function note({ column }: CompiledColumn, { table }: CompiledTarget, runtime: Runtime, out: RowOutput): void {
  for (const code of runtime.noted) out.changes.push({ table, column: column.name, code })
  runtime.noted = []
}

function fitted(column: CompiledColumn, raw: unknown, target: CompiledTarget, out: RowOutput): Value {
  if (raw === undefined) return column.whenMissing
  const fit = raw instanceof Misfit ? raw : column.fit(raw)
  if (fit === null || typeof fit !== 'object') return fit
  const { name } = column.column
  if (fit instanceof Misfit && column.invalid === 'reject') throw new Rejected(fit, target.table, name)
  out.changes.push({ table: target.table, column: name, code: fit.code })
  return fit instanceof Changed ? fit.value : null
}

function* itemKey(target: CompiledTarget, seen: Set<string>): Work<string> {
  const key = yield* settled(target.itemKey!.run, target.table)
  if (key === undefined) throw new Rejected(NO_ITEM_KEY, target.table)
  const text = keyText(key, undefined)
  if (text instanceof Misfit) {
    throw new Rejected(new Misfit('E519', `the key of an item ${text.reason}`), target.table)
  }
  if (seen.has(text)) throw new Rejected(SAME_ITEM_KEY, target.table)
  seen.add(text)
  return escapePart(text)
}

const NO_ITEM_KEY = new Misfit('E519', 'an item has no key')
const SAME_ITEM_KEY = new Misfit('E520', 'two items of the row have the same key')
