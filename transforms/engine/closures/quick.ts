import { number, round } from '../runtime/builtins/number.ts'
import { length, substring, substringAfter, substringBefore, trim } from '../runtime/builtins/text.ts'
import { isList } from '../runtime/sequence.ts'
import { type State, tickValue } from '../runtime/state.ts'
import { textOf, truthy } from '../runtime/value.ts'

/** The arguments are not the plain ones: the signature must be asked. */
export const NOT_QUICK = Symbol('not quick')

type One = (state: State, a: unknown) => unknown
type Two = (state: State, a: unknown, b: unknown) => unknown
type Three = (state: State, a: unknown, b: unknown, c: unknown) => unknown

const ofText =
  (operate: (text: string, state: State) => unknown): One =>
  (state, a) => {
    if (typeof a !== 'string') return a === undefined ? undefined : NOT_QUICK
    tickValue(state, a)
    return operate(a, state)
  }

const ofNumber =
  (operate: (number: number, state: State) => unknown): One =>
  (state, a) =>
    typeof a === 'number' ? operate(a, state) : a === undefined ? undefined : NOT_QUICK

const ofTexts =
  (operate: (text: string, other: string, state: State) => unknown): Two =>
  (state, a, b) => {
    if (typeof a !== 'string' || typeof b !== 'string') return NOT_QUICK
    tickValue(state, a)
    return operate(a, b, state)
  }

/** Adds up, or finds the largest, in one pass; stops where an entry is no number. */
const ofNumbers =
  (first: (n: number) => number, next: (total: number, n: number) => number, none: unknown): One =>
  (state, a) => {
    if (a === undefined) return undefined
    if (typeof a === 'number') return first(a)
    if (!isList(a)) return NOT_QUICK
    if (a.length === 0) return none
    tickValue(state, a)
    let total = 0
    for (let at = 0; at < a.length; at++) {
      const entry = a[at]
      if (typeof entry !== 'number') return NOT_QUICK
      total = at === 0 ? first(entry) : next(total, entry)
    }
    return total
  }

export const quickOne: ReadonlyMap<string, One> = new Map<string, One>([
  ['lowercase', ofText((it) => it.toLowerCase())],
  ['uppercase', ofText((it) => it.toUpperCase())],
  ['trim', ofText((it, state) => trim(state, it))],
  ['length', ofText((it, state) => length(state, it))],
  ['abs', ofNumber(Math.abs)],
  ['floor', ofNumber(Math.floor)],
  ['ceil', ofNumber(Math.ceil)],
  ['round', ofNumber((it, state) => round(state, it))],
  ['number', quickNumber],
  ['string', quickString],
  ['boolean', (_, a) => (a === undefined || typeof a === 'number' ? NOT_QUICK : truthy(a))],
  ['not', (_, a) => (a === undefined || typeof a === 'number' ? NOT_QUICK : !truthy(a))],
  ['exists', (_, a) => a !== undefined],
  ['count', (_, a) => (isList(a) ? a.length : a === undefined ? 0 : 1)],
  [
    'sum',
    ofNumbers(
      (n) => 0 + n,
      (total, n) => total + n,
      0,
    ),
  ],
  ['max', ofNumbers((n) => n, Math.max, undefined)],
  ['min', ofNumbers((n) => n, Math.min, undefined)],
])

function quickNumber(state: State, a: unknown): unknown {
  if (a === undefined || typeof a === 'number') return a
  return typeof a === 'string' && /^-?\d{1,300}$/.test(a) ? number(state, a) : NOT_QUICK
}

function quickString(state: State, a: unknown): unknown {
  if (a === undefined || typeof a === 'string') return a
  return typeof a === 'number' && Number.isInteger(a) ? textOf(state, a) : NOT_QUICK
}

export const quickTwo: ReadonlyMap<string, Two> = new Map<string, Two>([
  ['substringBefore', ofTexts((text, mark, state) => substringBefore(state, text, mark))],
  ['substringAfter', ofTexts((text, mark, state) => substringAfter(state, text, mark))],
  ['contains', ofTexts((text, part) => text.includes(part))],
  [
    'substring',
    (state, a, b) => (typeof a === 'string' && typeof b === 'number' ? substring(state, a, b) : NOT_QUICK),
  ],
  [
    'round',
    (state, a, b) => (typeof a === 'number' && typeof b === 'number' ? round(state, a, b) : NOT_QUICK),
  ],
])

export const quickThree: ReadonlyMap<string, Three> = new Map<string, Three>([
  [
    'substring',
    (state, a, b, c) =>
      typeof a === 'string' && typeof b === 'number' && typeof c === 'number'
        ? substring(state, a, b, c)
        : NOT_QUICK,
  ],
  ['replace', quickReplace],
])

/** A text in a text, where the result cannot grow beyond any limit. */
function quickReplace({ limits }: State, a: unknown, b: unknown, c: unknown): unknown {
  if (typeof a !== 'string' || typeof b !== 'string' || typeof c !== 'string') return NOT_QUICK
  if (b === '' || a.length > SHORT || c.includes('$')) return NOT_QUICK
  return a.length * (c.length + 1) > limits.text ? NOT_QUICK : a.replaceAll(b, c)
}

const SHORT = 500
