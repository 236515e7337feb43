import { EngineError } from './error.ts'
import { isList } from './sequence.ts'
import { checkText, type State, tick, tickFor } from './state.ts'

export type Fields = Record<string, unknown>

const own = Object.prototype.hasOwnProperty
/** Of all built-in prototypes: what a host function gives may be no plain object. */
const INHERITED = new Set(
  [Object, Array, String, Number, Boolean, Date, Map, Set, Promise].flatMap((it) =>
    Object.getOwnPropertyNames(it.prototype),
  ),
)

/** A field of an object, never of its prototype. */
export const ownField = (object: Fields, name: string): unknown =>
  own.call(object, name) ? object[name] : undefined

/** Is a plain read safe, because no object inherits the name? */
export const isSafeName = (name: string): boolean => !INHERITED.has(name)

export const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : []

/** @throws {EngineError} D1001 infinite */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (!Number.isFinite(value)) throw new EngineError('D1001', value)
  return true
}

/** `$boolean`, with missing as false. */
export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.length > 0
    case 'number':
      return isNumeric(value) && value !== 0
    case 'object':
      return value !== null && (isList(value) ? listTruthy(value) : Object.keys(value).length > 0)
    default:
      return false
  }
}

// Every item is looked at, as an infinite one is an error wherever it stands.
function listTruthy(list: unknown[]): boolean {
  let any = false
  for (const it of list) if (truthy(it)) any = true
  return any
}

export function deepEqual(state: State, left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  tick(state)
  if (isList(left) && isList(right)) {
    if (left.length !== right.length) return false
    for (let at = 0; at < left.length; at++) if (!deepEqual(state, left[at], right[at])) return false
    return true
  }
  if (isList(left) || isList(right)) return false
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  for (const name of names) if (!own.call(right, name)) return false
  for (const name of names)
    if (!deepEqual(state, (left as Fields)[name], (right as Fields)[name])) return false
  return true
}

/** `$string` of anything but missing. */
export function textOf(state: State, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return numberText(value)
    case 'function':
      return ''
    default:
      return value === null ? 'null' : jsonText(state, value, 0)
  }
}

function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value)
  if (!Number.isFinite(value)) throw new EngineError('D3001', value)
  return String(Number(value.toPrecision(15)))
}

export function jsonText(state: State, value: unknown, space: number): string {
  const inner = isList(value) && value.outerWrapper ? value[0] : value
  let length = 0
  const text = JSON.stringify(
    inner,
    (name, it: unknown) => {
      tick(state)
      length += name.length + (typeof it === 'string' ? it.length : 1)
      checkText(state, length)
      if (typeof it === 'function') return ''
      return isNumeric(it) && !Number.isInteger(it) ? Number(it.toPrecision(15)) : it
    },
    space,
  )
  tickFor(state, length)
  return text
}

export function setField(object: Fields, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  else object[name] = value
}
