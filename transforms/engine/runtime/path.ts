import { asSequence, flattened, isList, type List, sequenceOf, unwrapped } from './sequence.ts'
import { checkSize, type State, tick } from './state.ts'
import { type Fields, isNumeric, ownField, truthy } from './value.ts'

export type OnItem<F> = (item: unknown, frame: F) => unknown

/** A name taken from anything: of a list, from every item. */
export function lookup(state: State, from: unknown, name: string): unknown {
  if (from === null || typeof from !== 'object') return undefined
  return isList(from) ? lookupInList(state, from, name) : ownField(from as Fields, name)
}

export function lookupInList(state: State, from: List, name: string): List {
  const found: unknown[] = []
  for (const it of from) {
    tick(state)
    const value = lookup(state, it, name)
    if (value === undefined) continue
    if (isList(value)) for (const inner of value) found.push(inner)
    else found.push(value)
    checkSize(state, found.length)
  }
  return asSequence(found)
}

/** One name from a context: the whole path `name`. */
export function nameIn(state: State, from: unknown, name: string): unknown {
  if (from === null || typeof from !== 'object') return undefined
  return isList(from) ? namesIn(state, from, [name], 0) : flattened(ownField(from as Fields, name))
}

/** The rest of a path `a.b.c` of plain names. */
export function namesIn(state: State, from: unknown, names: readonly string[], at: number): unknown {
  let value = from
  for (let step = at; step < names.length; step++) {
    if (value === null || typeof value !== 'object') return undefined
    value = isList(value)
      ? nameOfItems(state, value, names[step]!, step === names.length - 1)
      : ownField(value as Fields, names[step]!)
  }
  return flattened(value)
}

/** A name step over the items of a list. */
export function nameOfItems(state: State, items: List, name: string, last: boolean): List {
  const found: unknown[] = []
  let results = 0
  let only: unknown
  for (let at = 0; at < items.length; at++) {
    const item = items[at]
    tick(state)
    if (item === null || typeof item !== 'object') continue
    const value = isList(item) ? unwrapped(lookupInList(state, item, name)) : ownField(item as Fields, name)
    if (value === undefined) continue
    results += 1
    only = value
    addFlat(state, found, value)
  }
  return lastResult(found, results, only, last)
}

export function addFlat(state: State, found: unknown[], value: unknown): void {
  if (typeof value === 'object' && isList(value) && value.cons !== true) {
    for (let at = 0; at < value.length; at++) found.push(value[at])
    checkSize(state, found.length)
  } else found.push(value)
}

/** An array of the data that is the only result of a path stays that array. */
export const lastResult = (found: unknown[], results: number, only: unknown, last: boolean): List =>
  last && results === 1 && isList(only) && only.sequence !== true ? only : asSequence(found)

/** Any step over the items of a list. */
export function stepOverItems<F>(state: State, items: List, step: OnItem<F>, frame: F, last: boolean): List {
  const found: unknown[] = []
  let results = 0
  let only: unknown
  for (let at = 0; at < items.length; at++) {
    tick(state)
    const value = step(items[at], frame)
    if (value === undefined) continue
    results += 1
    only = value
    addFlat(state, found, value)
  }
  return lastResult(found, results, only, last)
}

/**
 * Any step over one value that is no list.
 * @returns undefined where there is nothing; what is no list stands for a sequence of one
 */
export function stepOverOne(value: unknown, last: boolean): unknown {
  if (value === undefined || typeof value !== 'object' || !isList(value)) return value
  if (last && value.sequence !== true) return value
  if (value.cons === true) return sequenceOf(value)
  if (last && value.keepSingleton === true) return asSequence(value.slice())
  return value
}

/** `[index]`; what is no list stands for a sequence of one. */
export function itemAt(input: unknown, index: number): unknown {
  if (!isList(input)) return input !== undefined && (index === 0 || index === -1) ? input : asSequence([])
  const item = input[index < 0 ? input.length + index : index]
  return item === undefined ? asSequence([]) : item
}

/** A predicate of which nothing is known: a number, or numbers, choose by place. */
export function filtered<F>(state: State, input: unknown, predicate: OnItem<F>, frame: F): List {
  const items = isList(input) ? input : [input]
  const kept: unknown[] = []
  for (let at = 0; at < items.length; at++) {
    tick(state)
    const answer = predicate(items[at], frame)
    for (let left = timesKept(answer, at, items.length); left > 0; left--) kept.push(items[at])
    checkSize(state, kept.length)
  }
  return asSequence(kept)
}

/** How often the answer of a predicate keeps the item at a place: numbers may name it more than once. */
export function timesKept(answer: unknown, at: number, length: number): number {
  if (typeof answer === 'number' && isNumeric(answer)) return placeOf(answer, length) === at ? 1 : 0
  if (!isList(answer) || !areNumbers(answer)) return truthy(answer) ? 1 : 0
  let times = 0
  for (const it of answer) if (placeOf(it as number, length) === at) times += 1
  return times
}

function placeOf(answer: number, length: number): number {
  const place = Math.floor(answer)
  return place < 0 ? length + place : place
}

export function areNumbers(list: unknown[]): boolean {
  let all = true
  for (const it of list) if (!isNumeric(it)) all = false
  return all
}

/** A predicate that gives true or anything that is not. */
export function filteredByTest<F>(
  state: State,
  input: unknown,
  test: (item: unknown, frame: F) => boolean,
  frame: F,
): unknown {
  if (!isList(input)) {
    if (!test(input, frame)) return asSequence([])
    return input === undefined ? sequenceOf(undefined) : input
  }
  const kept: unknown[] = []
  for (let at = 0; at < input.length; at++) {
    tick(state)
    if (test(input[at], frame)) kept.push(input[at])
  }
  return asSequence(kept)
}

/** `[test][index]` in one loop, for a test that cannot fail. */
export function nthMatch<F>(
  state: State,
  input: unknown,
  test: (item: unknown, frame: F) => boolean,
  index: number,
  frame: F,
): unknown {
  const items = isList(input) ? input : [input]
  let left = index
  for (let at = 0; at < items.length; at++) {
    tick(state)
    if (!test(items[at], frame)) continue
    if (left-- === 0) return itemAt(sequenceOf(items[at]), 0)
  }
  return asSequence([])
}

/** `*` */
export function wildcard(state: State, from: unknown): unknown {
  const input = isList(from) && from.outerWrapper && from.length > 0 ? from[0] : from
  if (input === null || typeof input !== 'object') return asSequence([])
  const found: unknown[] = []
  let appended = false
  for (const name of Object.keys(input)) {
    tick(state)
    const value = (input as Fields)[name]
    if (isList(value)) {
      appended = true
      flattenDeep(state, value, found)
    } else found.push(value)
    checkSize(state, found.length)
  }
  // Appending makes an array of it, and only a sequence unwraps.
  return appended ? found : asSequence(found)
}

function flattenDeep(state: State, value: unknown, into: unknown[]): void {
  tick(state)
  if (isList(value)) for (const it of value) flattenDeep(state, it, into)
  else into.push(value)
}

/** `**` */
export function descendants(state: State, input: unknown): unknown {
  if (input === undefined) return undefined
  const found: unknown[] = []
  collect(state, input, found)
  return found.length === 1 ? found[0] : asSequence(found)
}

function collect(state: State, input: unknown, found: unknown[]): void {
  tick(state)
  if (isList(input)) {
    for (const it of input) collect(state, it, found)
    return
  }
  found.push(input)
  checkSize(state, found.length)
  if (input === null || typeof input !== 'object') return
  for (const name of Object.keys(input)) collect(state, (input as Fields)[name], found)
}
