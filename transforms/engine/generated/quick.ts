import { NOT_QUICK, quickOne, quickThree, quickTwo } from '../closures/quick.ts'
import { round } from '../runtime/builtins/number.ts'
import * as text from '../runtime/builtins/text.ts'
import { isList } from '../runtime/sequence.ts'
import { type State, tickValue } from '../runtime/state.ts'
import { truthy } from '../runtime/value.ts'
import type { Spot } from './emit.ts'
import { ANY, type Atom, BOOLEAN, isOnly, NUMBER, TEXT, type Writer } from './source.ts'

/** A call for arguments of the usual types: when it may be taken, and what it is then. */
export interface Quick {
  when: string
  code: string
  kinds: number
  /** A missing first argument gives missing. */
  missing: boolean
}

const typed = (atom: Atom, kind: number): string | undefined => {
  if ((atom.kinds & kind) === 0) return undefined
  if (isOnly(atom, kind)) return 'true'
  return `typeof ${atom.code} === '${kind === TEXT ? 'string' : 'number'}'`
}

function allTyped(given: Atom[], kinds: number[]): string | undefined {
  const parts = given.map((it, at) => typed(it, kinds[at]!))
  if (parts.includes(undefined)) return undefined
  return parts.filter((it) => it !== 'true').join(' && ') || 'true'
}

type Make = (given: Atom[], state: string, writer: Writer) => Quick | undefined

/** A function of texts and numbers that is called as it is. */
const plain =
  (operate: (...given: never[]) => unknown, takes: number[], kinds: number): Make =>
  (given, state, writer) => {
    const when = given.length === takes.length ? allTyped(given, takes) : undefined
    if (when === undefined) return undefined
    const [first] = given
    const counted = takes[0] === TEXT ? ticked(first!, state, writer) : ''
    const code = `(${counted}${writer.ref(operate)}(${[state, ...given.map((it) => it.code)].join(', ')}))`
    return { when, code, kinds, missing: takes.length === 1 }
  }

const ticked = ({ code }: Atom, state: string, writer: Writer): string =>
  `${code}.length > 500 && ${writer.ref(tickValue)}(${state}, ${code}), `

const method =
  (name: 'toLowerCase' | 'toUpperCase'): Make =>
  (given, state, writer) => {
    const when = given.length === 1 ? allTyped(given, [TEXT]) : undefined
    if (when === undefined) return undefined
    const code = `(${ticked(given[0]!, state, writer)}${given[0]!.code}.${name}())`
    return { when, code, kinds: TEXT, missing: true }
  }

const answer =
  (negates: boolean): Make =>
  ([first, more], _, writer) => {
    if (more || first === undefined) return undefined
    const { code } = first
    const quick = `(typeof ${code} === 'boolean' ? ${code} : ${writer.ref(truthy)}(${code}))`
    return {
      when: `${code} !== undefined && typeof ${code} !== 'number'`,
      code: negates ? `!${quick}` : quick,
      kinds: BOOLEAN,
      missing: false,
    }
  }

/** What the closures do for this function, where it is not written here. */
function asClosures(name: string, given: Atom[], state: string, writer: Writer): Quick | undefined {
  const known = [quickOne, quickTwo, quickThree][given.length - 1]?.get(name)
  if (known === undefined) return undefined
  const call = `${writer.ref(known)}(${[state, ...given.map((it) => it.code)].join(', ')})`
  const value = writer.value(call, ANY).code
  return { when: `${value} !== ${writer.ref(NOT_QUICK)}`, code: value, kinds: ANY, missing: false }
}

const isWhole = /^-?\d{1,15}$/
const wholeNumber = (value: string): boolean => isWhole.test(value)

const makers: Record<string, Make[]> = {
  lowercase: [method('toLowerCase')],
  uppercase: [method('toUpperCase')],
  trim: [plain(text.trim as never, [TEXT], TEXT)],
  length: [plain(text.length as never, [TEXT], NUMBER)],
  substring: [
    plain(text.substring as never, [TEXT, NUMBER], TEXT),
    plain(text.substring as never, [TEXT, NUMBER, NUMBER], TEXT),
  ],
  substringBefore: [plain(text.substringBefore as never, [TEXT, TEXT], TEXT)],
  substringAfter: [plain(text.substringAfter as never, [TEXT, TEXT], TEXT)],
  round: [plain(round as never, [NUMBER], NUMBER), plain(round as never, [NUMBER, NUMBER], NUMBER)],
  contains: [plain(((_: State, a: string, b: string) => a.includes(b)) as never, [TEXT, TEXT], BOOLEAN)],
  boolean: [answer(false)],
  not: [answer(true)],
  exists: [
    ([first, more]) =>
      more || !first
        ? undefined
        : { when: 'true', code: `${first.code} !== undefined`, kinds: BOOLEAN, missing: false },
  ],
  count: [
    ([first, more], _, writer) =>
      more || !first
        ? undefined
        : {
            when: 'true',
            code: `${writer.ref(isList)}(${first.code}) ? ${first.code}.length : ${first.code} === undefined ? 0 : 1`,
            kinds: NUMBER,
            missing: false,
          },
  ],
  number: [
    ([first, more], _, writer) =>
      more || !first || !typed(first, TEXT)
        ? undefined
        : {
            when: `typeof ${first.code} === 'string' && ${writer.ref(wholeNumber)}(${first.code})`,
            code: `+${first.code}`,
            kinds: NUMBER,
            missing: true,
          },
  ],
}

export function quickCall(name: string, given: Atom[], spot: Spot, writer: Writer): Quick | undefined {
  const state = writer.ref(spot.place.unit.state)
  for (const make of makers[name] ?? []) {
    const quick = make(given, state, writer)
    if (quick) return quick
  }
  return asClosures(name, given, state, writer)
}
