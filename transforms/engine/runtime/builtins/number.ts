import { EngineError } from '../error.ts'
import { isList } from '../sequence.ts'
import type { State } from '../state.ts'

type Numeric = number | undefined
type Numbers = number[] | undefined

export function sum(_: State, list: Numbers): Numeric {
  if (list === undefined) return undefined
  let total = 0
  for (let at = 0; at < list.length; at++) total += list[at]!
  return total
}

export const count = (_: State, list: unknown[] | undefined): number => (list === undefined ? 0 : list.length)

export function max(_: State, list: Numbers): Numeric {
  if (list === undefined || list.length === 0) return undefined
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < list.length; at++) most = Math.max(most, list[at]!)
  return most
}

export function min(_: State, list: Numbers): Numeric {
  if (list === undefined || list.length === 0) return undefined
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < list.length; at++) least = Math.min(least, list[at]!)
  return least
}

export function average(state: State, list: Numbers): Numeric {
  return list === undefined || list.length === 0 ? undefined : sum(state, list)! / list.length
}

const DECIMAL = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/
const OTHER_BASE = /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/

export function number(_: State, value: unknown): Numeric {
  if (value === undefined || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    if (DECIMAL.test(value) && Number.isFinite(Number(value))) return Number.parseFloat(value)
    if (OTHER_BASE.test(value)) return Number(value)
  }
  throw new EngineError('D3030', value, 1)
}

export const abs = (_: State, value: Numeric): Numeric => (value === undefined ? undefined : Math.abs(value))
export const floor = (_: State, value: Numeric): Numeric =>
  value === undefined ? undefined : Math.floor(value)
export const ceil = (_: State, value: Numeric): Numeric =>
  value === undefined ? undefined : Math.ceil(value)

export function round(_: State, value: Numeric, precision?: number): Numeric {
  if (value === undefined) return undefined
  const quick = precision === undefined ? undefined : roundedFar(value, precision)
  if (quick !== undefined) return quick
  const shiftedIn = precision ? shifted(value, precision) : value
  let whole = Math.round(shiftedIn)
  if (Math.abs(whole - shiftedIn) === 0.5 && Math.abs(whole % 2) === 1) whole -= 1
  const result = precision ? shifted(whole, -precision) : whole
  return result === 0 ? 0 : result
}

const POWERS = Array.from({ length: 16 }, (_, places) => 10 ** places)
/** A product below 1e9 is wrong by less than 1e-6: from this far on that decides nothing. */
const FAR_FROM_HALF = 1e-5

/** Rounds what does not lie near the middle: whole and power are exact there, and a division rounds as the text does. */
function roundedFar(value: number, precision: number): Numeric {
  const power = precision > 0 ? POWERS[precision] : undefined
  if (power === undefined) return undefined
  const product = value * power
  if (!(product < 1e9 && product > -1e9)) return undefined
  const whole = Math.round(product)
  return 0.5 - Math.abs(product - whole) > FAR_FROM_HALF ? (whole === 0 ? 0 : whole / power) : undefined
}

// By text: a multiplication would bring its own error.
function shifted(value: number, places: number): number {
  const text = String(value)
  const at = text.indexOf('e')
  if (at === -1) return +`${text}e${places}`
  return +`${text.slice(0, at)}e${+text.slice(at + 1) + places}`
}

export function sqrt(_: State, value: Numeric): Numeric {
  if (value === undefined) return undefined
  if (value < 0) throw new EngineError('D3060', value, 1)
  return Math.sqrt(value)
}

export function power(_: State, value: Numeric, exponent: number): Numeric {
  if (value === undefined) return undefined
  const result = value ** exponent
  if (!Number.isFinite(result)) throw new EngineError('D3061', value, 1)
  return result
}

export function formatBase(state: State, value: Numeric, radix?: number): string | undefined {
  if (value === undefined) return undefined
  const base = radix === undefined ? 10 : round(state, radix)!
  if (base < 2 || base > 36) throw new EngineError('D3100', base)
  return round(state, value)!.toString(base)
}

export const random = (): number => Math.random()

export function shuffle(_: State, list: unknown[] | undefined): unknown[] | undefined {
  if (!isList(list) || list.length <= 1) return list
  const mixed: unknown[] = new Array(list.length)
  for (let at = 0; at < list.length; at++) {
    const other = Math.floor(Math.random() * (at + 1))
    if (at !== other) mixed[at] = mixed[other]
    mixed[other] = list[at]
  }
  return mixed
}
