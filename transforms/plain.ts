import type { Json } from '../core/value.ts'
import { Misfit } from './misfit.ts'

/** Deeper JSON is refused: the recursion of an expression, a driver or a database would end on it. */
const MAX_DEPTH = 256
const TOO_DEEP = new Misfit('E524', `is nested deeper than ${MAX_DEPTH} levels`)
const A_FUNCTION = new Misfit('E504', 'is a function; was it meant to be called?')
const NOT_FINITE = new Misfit('E509', 'is not a finite number')
const HAS_NUL = new Misfit('E505', 'contains a NUL character')
const HALF_PAIR = new Misfit('E505', 'contains half of a surrogate pair, which is no text')
const UNSTORABLE = /[\0\p{Surrogate}]/u
const RESERVED = new Misfit('E525', 'has a field name that begins with "_jsonata_"')

/** A text that every warehouse can store. */
export function storableText(text: string): string | Misfit {
  if (!UNSTORABLE.test(text)) return text
  return text.includes('\0') ? HAS_NUL : HALF_PAIR
}

/** Assigns an own property whatever the name: `__proto__` by plain assignment would change the prototype. */
export function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  } else object[name] = value
}

/**
 * A source value without nulls, at every depth: itself where it holds none, else a copy of what changes.
 * @param onText called with every text
 * @throws {Misfit} nested too deep, or a name that the interpreter takes for its own
 */
export function withoutNulls(value: unknown, onText?: (text: string) => void, depth = 0): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') onText?.(value)
  if (typeof value !== 'object') return value
  if (depth >= MAX_DEPTH) throw TOO_DEEP
  return Array.isArray(value)
    ? listWithoutNulls(value, onText, depth)
    : objectWithoutNulls(value, onText, depth)
}

function listWithoutNulls(
  list: unknown[],
  onText: ((text: string) => void) | undefined,
  depth: number,
): unknown[] {
  let kept: unknown[] | undefined
  for (let at = 0; at < list.length; at++) {
    const value = list[at]
    const clean = withoutNulls(value, onText, depth + 1)
    if (kept === undefined && clean !== value) kept = list.slice(0, at)
    if (kept !== undefined && clean !== undefined) kept.push(clean)
  }
  return kept ?? list
}

function objectWithoutNulls(
  object: object,
  onText: ((text: string) => void) | undefined,
  depth: number,
): object {
  const fields = object as Record<string, unknown>
  let changed: Map<string, unknown> | undefined
  const names = Object.keys(object)
  for (const name of names) {
    const value = fields[name]
    const clean = withoutNulls(value, onText, depth + 1)
    if (clean !== undefined && name.startsWith('_jsonata_')) throw RESERVED
    if (clean === value && value !== undefined) continue
    changed ??= new Map()
    changed.set(name, clean)
  }
  return changed === undefined ? object : copyWith(fields, names, changed)
}

function copyWith(fields: Record<string, unknown>, names: string[], changed: Map<string, unknown>): object {
  const copy: Record<string, unknown> = {}
  for (const name of names) {
    const value = changed.has(name) ? changed.get(name) : fields[name]
    if (value !== undefined) setOwn(copy, name, value)
  }
  return copy
}

/** The result of an expression as plain JSON: without missing entries, functions refused. */
export function plainJson(value: unknown, depth = 0): Json | Misfit {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return storableText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? (value === 0 ? 0 : value) : NOT_FINITE
  if (typeof value === 'boolean') return value
  if (isFunction(value)) return A_FUNCTION
  if (depth >= MAX_DEPTH) return TOO_DEEP
  return Array.isArray(value) ? plainList(value, depth) : plainObject(value as object, depth)
}

function plainList(list: unknown[], depth: number): Json | Misfit {
  const kept: Json[] = []
  for (const it of list) {
    if (it === null || it === undefined) continue
    const plain = plainJson(it, depth + 1)
    if (plain instanceof Misfit) return plain
    kept.push(plain)
  }
  return kept
}

function plainObject(object: object, depth: number): Json | Misfit {
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[name]
    if (value === null || value === undefined) continue
    const safeName = storableText(name)
    if (safeName instanceof Misfit) return safeName
    const plain = plainJson(value, depth + 1)
    if (plain instanceof Misfit) return plain
    setOwn(kept, name, plain)
  }
  return kept as Json
}

function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true
  const marked = value as { _jsonata_function?: unknown; _jsonata_lambda?: unknown }
  return marked._jsonata_function === true || marked._jsonata_lambda === true
}

/** JSONata's truth (`$boolean`); missing is false. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (Array.isArray(value)) return value.some(isTrue)
  if (typeof value === 'object') return !isFunction(value) && Object.keys(value).length > 0
  return Boolean(value)
}

/** A row as the reject table can take it: what is nested too deep is replaced by a word about it. */
export function storableJson(value: Json | undefined, depth = 0): Json {
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return value
  if (depth >= MAX_DEPTH) return '(nested too deep)'
  if (Array.isArray(value)) return value.map((it) => storableJson(it, depth + 1))
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) setOwn(copy, name, storableJson(value[name], depth + 1))
  return copy as Json
}
