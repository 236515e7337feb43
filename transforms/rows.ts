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
  columns: Value[][]
  /** See `MappedPart.watched`. */
  watched?: number[]
}

/** What the rows of the source row in hand go to. */
export interface RowOutput {
  parts: Map<string, PartBuilder>
  changes: PendingChange[]
}

/** A step of the work that waits for the interpreter. */
export type Work<T> = Generator<Promise<unknown>, T, unknown>

/** Makes the rows of one target from the source row in hand. @throws {Rejected} */
export function* makeRows(target: CompiledTarget, runtime: Runtime, out: RowOutput): Work<void> {
  if (!target.each) {
    yield* makeRow(target, runtime, out, undefined)
    return
  }
  const items = listOf(yield* settled(target.each.run, target.table))
  const seen = new Set<string>()
  for (const item of items) {
    runtime.item = item
    yield* makeRow(target, runtime, out, seen)
  }
  runtime.item = undefined
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value.filter((it) => it !== undefined && it !== null) : [value]
}

/** Runs an expression; what it throws gets the place where it stands. */
function* settled(run: () => unknown, table: string): Work<unknown> {
  try {
    const value = run()
    return value instanceof Promise ? yield value : value
  } catch (cause) {
    throw placed(cause, table)
  }
}

const placed = (cause: unknown, table: string, column?: string): unknown =>
  cause instanceof Misfit ? new Rejected(cause, table, column) : cause

function* makeRow(
  target: CompiledTarget,
  runtime: Runtime,
  out: RowOutput,
  seen: Set<string> | undefined,
): Work<void> {
  if (target.when && !isTrue(yield* settled(target.when.run, target.table))) return
  const part = out.parts.get(target.table)!
  const values: Value[] = new Array(part.names.length).fill(null)
  for (const column of target.columns) {
    let raw: unknown
    // Not `settled`: a generator for every value would double the price of a plain field.
    try {
      raw = column.run()
      if (raw instanceof Promise) raw = yield raw
    } catch (cause) {
      if (!isTooDeep(cause) && !(cause instanceof Unfit))
        throw placed(cause, target.table, column.column.name)
      raw = cause
    }
    if (runtime.noted.length > 0) note(column, target, runtime, out)
    const value = fitted(column, raw, target, out)
    if (value === null && column.column.required) {
      // Without another party there is nothing to link, whatever made the party.
      if (!target.when || target.link) return
      throw new Rejected(REQUIRED_MISSING, target.table, column.column.name)
    }
    values[column.at] = value
  }
  const id = runtime.prefix + runtime.key + target.suffix
  const whole = seen === undefined ? id : `${id}#${yield* itemKey(target, seen)}`
  if (target.link && !linked(values, target.link, shorten(whole))) return
  values[0] = target.fitId(whole)
  if (target.anchor) runtime.made.set(target.table, values[0] as string)
  part.sourceRow.push(runtime.row)
  part.watched?.push(target.watch)
  for (let at = 0; at < values.length; at++) part.columns[at]!.push(values[at]!)
}

/** @returns false where a party would be linked to itself: sources name the record itself where nothing was merged */
function linked(values: Value[], { from, to }: { from: number; to: number }, party: string): boolean {
  values[from] = party
  return values[to] !== party
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
