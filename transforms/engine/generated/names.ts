import type { Place } from '../closures/unit.ts'
import type { RowReader } from '../options.ts'
import { addFlat, lastResult, lookupInList } from '../runtime/path.ts'
import { flattened, isList, unwrapped } from '../runtime/sequence.ts'
import { type State, tick } from '../runtime/state.ts'
import { isSafeName } from '../runtime/value.ts'
import {
  ANY,
  type Atom,
  can,
  LIST,
  MISSING,
  OBJECT,
  type Source,
  textLiteral,
  type Writer,
} from './source.ts'

const own = Object.prototype.hasOwnProperty

/** Reads a name of an object that is no list: a field of its own, never of a prototype. */
export function readOf(object: string, name: string, { source }: { source: Source }): string {
  const literal = textLiteral(name)
  if (isSafeName(name)) return `${object}[${literal}]`
  return `(${source.ref(own)}.call(${object}, ${literal}) ? ${object}[${literal}] : undefined)`
}

/** The value where it is an object and no list, else undefined. */
export const plainOf = (atom: Atom, writer: Writer): Atom =>
  writer.once(`plain ${atom.code}`, () => {
    const { code } = atom
    const noList = can(atom, LIST) ? ` && !${writer.ref(isList)}(${code})` : ''
    return writer.value(
      `typeof ${code} === 'object' && ${code} !== null${noList} ? ${code} : undefined`,
      OBJECT | MISSING,
    )
  })

const fields = new WeakMap<Source, Map<RowReader, Map<string, () => unknown>>>()

/** A field of the row, read once in a block. */
export function fieldOf(reader: RowReader, name: string, writer: Writer): Atom {
  const readers = fields.get(writer.source) ?? new Map<RowReader, Map<string, () => unknown>>()
  fields.set(writer.source, readers)
  const known = readers.get(reader) ?? new Map<string, () => unknown>()
  readers.set(reader, known)
  const read = known.get(name) ?? reader.field(name)
  known.set(name, read)
  const call = writer.ref(read)
  return writer.once(`field ${call}`, () => writer.value(`${call}()`, ANY))
}

interface Whole {
  isWhole(value: unknown): boolean
  whole(value: unknown): unknown
}

/** The names of a path, taken from a value: no list is made where there is none. */
export function walked(start: Atom, names: string[], place: Place, writer: Writer, cons?: Whole): Atom {
  if (names.length === 0) return flatOf(start, writer)
  return writer.once(`walk ${start.code} ${JSON.stringify(names)}`, () => {
    const tries: string[] = []
    let value = start
    names.forEach((name, at) => {
      const plain = plainOf(value, writer)
      const rest = restOf(names.slice(at), place.unit.state, writer.source)
      const whole =
        at === 0 && cons
          ? `${writer.ref(cons.isWhole)}(${value.code}) ? ${writer.ref(cons.whole)}(${value.code}) : `
          : ''
      tries.push(
        `${plain.code} === undefined ? (typeof ${value.code} === 'object' ? (${whole}${rest}(${value.code})) : undefined)`,
      )
      const read = readOf(plain.code, name, writer)
      if (at === names.length - 1) tries.push(read)
      else
        value = writer.once(`read ${plain.code} ${name}`, () =>
          writer.value(`${plain.code} === undefined ? undefined : ${read}`, ANY),
        )
    })
    return flatOf(writer.value(tries.join(' : '), ANY), writer)
  })
}

const flatOf = ({ code }: Atom, writer: Writer): Atom =>
  writer.once(`flat ${code}`, () =>
    writer.value(`typeof ${code} === 'object' ? ${writer.ref(flattened)}(${code}) : ${code}`, ANY),
  )

const made = new WeakMap<Source, Map<string, string>>()

function shared(source: Source, key: string, make: () => string): string {
  const known = made.get(source) ?? new Map<string, string>()
  made.set(source, known)
  const name = known.get(key) ?? make()
  known.set(key, name)
  return name
}

/** The rest of a path of names from any value, as a function. */
function restOf(names: string[], state: State, source: Source): string {
  return shared(source, `rest ${JSON.stringify(names)}`, () => {
    const [name, ...further] = names
    const items = itemsByName(name!, further.length === 0, state, source)
    const then = further.length === 0 ? source.ref(flattened) : restOf(further, state, source)
    return source.define(['value'], (inner) => {
      inner.add("if (typeof value !== 'object' || value === null) return undefined;")
      const next = `${inner.ref(isList)}(value) ? ${items}(value) : ${readOf('value', name!, inner)}`
      return { code: `${then}(${next})`, kinds: ANY }
    })
  })
}

/**
 * One name over the items of a list, as a function. Of a list of one object it gives the value itself, which stands for
 * a sequence of one.
 */
export function itemsByName(name: string, last: boolean, state: State, source: Source): string {
  return shared(source, `items ${last} ${name}`, () =>
    source.define(['items'], (inner) => {
      const list = inner.ref(isList)
      const look = inner.ref((value: never) => unwrapped(lookupInList(state, value, name)))
      const read = readOf('item', name, inner)
      inner.block('if (items.length === 1)', () => {
        inner.add(`${inner.ref(tick)}(${inner.ref(state)});`)
        inner.add('const item = items[0];')
        inner.block(`if (typeof item === 'object' && item !== null && !${list}(item))`, () => {
          inner.add(`const value = ${read};`)
          inner.add(`if (typeof value !== 'object' || !${list}(value)) return value;`)
        })
      })
      inner.add('const found = []; let results = 0; let only;')
      inner.block('for (let at = 0; at < items.length; at++)', () => {
        inner.add(`${inner.ref(tick)}(${inner.ref(state)});`)
        inner.add('const item = items[at];')
        inner.add("if (item === null || typeof item !== 'object') continue;")
        inner.add(`const value = ${list}(item) ? ${look}(item) : ${read};`)
        inner.add('if (value === undefined) continue;')
        inner.add('results += 1; only = value;')
        inner.add(
          `if (typeof value === 'object') ${inner.ref(addFlat)}(${inner.ref(state)}, found, value); else found.push(value);`,
        )
      })
      return inner.value(`${inner.ref(lastResult)}(found, results, only, ${last})`, ANY)
    }),
  )
}
