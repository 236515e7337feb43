import { arityOf, type Callable, call, callWithin } from '../call.ts'
import { EngineError } from '../error.ts'
import { areNumbers, lookup as lookupName } from '../path.ts'
import { append as appended, asSequence, isList, isSequence, type List } from '../sequence.ts'
import { mergeSort } from '../sort.ts'
import { checkSize, type State, tick } from '../state.ts'
import { deepEqual, type Fields, isNumeric, keysOf, setField, truthy } from '../value.ts'

type Items = List | undefined

export function map(state: State, list: Items, it: Callable): Items {
  if (list === undefined) return undefined
  const results: unknown[] = []
  for (let at = 0; at < list.length; at++) {
    const value = callWithin(state, it, list[at], at, list)
    if (value !== undefined) results.push(value)
  }
  return asSequence(results)
}

export function filter(state: State, list: Items, it: Callable): Items {
  if (list === undefined) return undefined
  const kept: unknown[] = []
  for (let at = 0; at < list.length; at++) {
    if (truthy(callWithin(state, it, list[at], at, list))) kept.push(list[at])
  }
  return asSequence(kept)
}

export function single(state: State, list: Items, it?: Callable): unknown {
  if (list === undefined) return undefined
  let found = -1
  for (let at = 0; at < list.length; at++) {
    tick(state)
    if (it !== undefined && !truthy(callWithin(state, it, list[at], at, list))) continue
    if (found !== -1) throw new EngineError('D3138', undefined, at)
    found = at
  }
  if (found === -1) throw new EngineError('D3139')
  return list[found]
}

export function reduce(state: State, list: Items, it: Callable, first?: unknown): unknown {
  if (list === undefined) return undefined
  const arity = arityOf(it)
  if (arity < 2) throw new EngineError('D3050', undefined, 1)
  const takesFirst = first === undefined && list.length > 0
  let result = takesFirst ? list[0] : first
  for (let at = takesFirst ? 1 : 0; at < list.length; at++) {
    const given = [result, list[at]]
    if (arity >= 3) given.push(at)
    if (arity >= 4) given.push(list)
    result = call(state, it, given, it.home ?? null)
  }
  return result
}

export function zip(state: State, ...lists: unknown[]): unknown[] {
  let length = lists.length === 0 ? 0 : Number.POSITIVE_INFINITY
  for (const it of lists) length = Math.min(length, isList(it) ? it.length : 0)
  const rows: unknown[] = []
  for (let at = 0; at < length; at++) {
    tick(state)
    rows.push(lists.map((it) => (it as List)[at]))
  }
  return rows
}

export const append = (state: State, left: unknown, right: unknown): unknown => appended(state, left, right)

export function reverse(_: State, list: Items): Items {
  return list === undefined || list.length <= 1 ? list : Array.from(list).reverse()
}

export function sort(state: State, list: Items, it?: Callable): Items {
  if (list === undefined || list.length <= 1) return list
  if (it !== undefined)
    return mergeSort(state, Array.from(list), (left, right) =>
      call(state, it, [left, right], it.home ?? null),
    )
  if (!areNumbers(list) && !list.every((one) => typeof one === 'string'))
    throw new EngineError('D3070', undefined, 1)
  return mergeSort(state, Array.from(list) as number[], (left, right) => left > right)
}

export function distinct(state: State, value: unknown): unknown {
  if (!isList(value) || value.length <= 1) return value
  const seen = new Set<unknown>()
  const objects: unknown[] = []
  const kept: unknown[] = []
  for (const it of value) {
    tick(state)
    if (isKnown(state, it, seen, objects)) continue
    kept.push(it)
  }
  return isSequence(value) ? asSequence(kept) : kept
}

function isKnown(state: State, value: unknown, seen: Set<unknown>, objects: unknown[]): boolean {
  if (Number.isNaN(value)) return false
  if (typeof value !== 'object' || value === null) return seen.size === seen.add(value).size
  for (const it of objects) if (deepEqual(state, value, it)) return true
  objects.push(value)
  return false
}

export function keys(state: State, value: unknown): List {
  const names: string[] = []
  if (isList(value)) {
    // An object orders the names as JSONata does: those that are numbers first.
    const all: Record<string, true> = Object.create(null)
    for (const it of value) {
      tick(state)
      for (const name of keys(state, it) as string[]) all[name] = true
    }
    names.push(...Object.keys(all))
  } else names.push(...keysOf(value))
  return asSequence(names)
}

export const lookup = (state: State, from: unknown, name: string): unknown => lookupName(state, from, name)

export function spread(state: State, value: unknown): unknown {
  if (isList(value)) {
    let entries: unknown = asSequence([])
    for (const it of value) entries = appended(state, entries, spread(state, it))
    return entries
  }
  if (value === null || typeof value !== 'object') return value
  const entries = Object.keys(value).map((name) => {
    const entry: Fields = {}
    setField(entry, name, (value as Fields)[name])
    return entry
  })
  checkSize(state, entries.length)
  return asSequence(entries)
}

export function merge(state: State, list: Items): Fields | undefined {
  if (list === undefined) return undefined
  const merged: Fields = {}
  for (const it of list) {
    for (const name of keysOf(it)) {
      tick(state)
      setField(merged, name, (it as Fields)[name])
    }
  }
  return merged
}

export function each(state: State, object: Fields, it: Callable): List {
  const results: unknown[] = []
  for (const name of keysOf(object)) {
    const value = callWithin(state, it, object[name], name, object)
    if (value !== undefined) results.push(value)
  }
  return asSequence(results)
}

export function sift(state: State, object: Fields, it: Callable): Fields | undefined {
  const kept: Fields = {}
  let any = false
  for (const name of keysOf(object)) {
    if (!truthy(callWithin(state, it, object[name], name, object))) continue
    setField(kept, name, object[name])
    any = true
  }
  return any ? kept : undefined
}

export const exists = (_: State, value: unknown): boolean => value !== undefined
export const boolean = (_: State, value: unknown): boolean | undefined =>
  value === undefined ? undefined : truthy(value)
export const not = (_: State, value: unknown): boolean | undefined =>
  value === undefined ? undefined : !truthy(value)

export function type(_: State, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (isNumeric(value)) return 'number'
  if (isList(value)) return 'array'
  // NaN is no number here.
  return typeof value === 'number' ? 'object' : typeof value
}
