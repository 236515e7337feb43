import { EngineError } from './error.ts'
import { asSequence, isList } from './sequence.ts'
import { type State, tick } from './state.ts'

/**
 * The merge sort of JSONata, so that the same pairs are compared in the same order: what a comparison throws, or gives
 * for values that have no order, comes out alike.
 * @param after does the left item belong behind the right one?
 */
export function mergeSort<T>(state: State, list: T[], after: (left: T, right: T) => unknown): T[] {
  if (list.length <= 1) return list
  const middle = Math.floor(list.length / 2)
  const left = mergeSort(state, list.slice(0, middle), after)
  const right = mergeSort(state, list.slice(middle), after)
  const merged: T[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) {
    tick(state)
    merged.push(after(left[l]!, right[r]!) ? right[r++]! : left[l++]!)
  }
  while (l < left.length) merged.push(left[l++]!)
  while (r < right.length) merged.push(right[r++]!)
  return merged
}

export interface SortTerm<F> {
  run: (item: unknown, frame: F) => unknown
  descending: boolean
}

interface Keyed {
  item: unknown
  /** Of the terms that were compared so far. */
  keys: unknown[]
}

/** `^(…)`: a plain array; a sequence where there is nothing to sort. */
export function ordered<F>(
  state: State,
  input: unknown,
  terms: SortTerm<F>[],
  frame: F,
  position: number | undefined,
): unknown {
  if (!isList(input)) return asSequence([input])
  if (input.length <= 1) return asSequence(input.slice())
  const keyed = input.map((item): Keyed => ({ item, keys: [] }))
  const key = (of: Keyed, term: number): unknown => {
    if (of.keys.length === term) of.keys.push(terms[term]!.run(of.item, frame))
    return of.keys[term]
  }
  const after = (left: Keyed, right: Keyed): boolean => {
    for (let term = 0; term < terms.length; term++) {
      const order = compareKeys(key(left, term), key(right, term), position)
      if (order === 0) continue
      return order === MISSING_LAST
        ? true
        : order === MISSING_FIRST
          ? false
          : terms[term]!.descending
            ? order < 0
            : order > 0
    }
    return false
  }
  return mergeSort(state, keyed, after).map((it) => it.item)
}

const MISSING_LAST = 2
const MISSING_FIRST = -2

function compareKeys(left: unknown, right: unknown, position: number | undefined): number {
  if (left === undefined) return right === undefined ? 0 : MISSING_LAST
  if (right === undefined) return MISSING_FIRST
  const [a, b] = [typeof left, typeof right]
  if ((a !== 'string' && a !== 'number') || (b !== 'string' && b !== 'number'))
    throw failed('T2008', a !== 'string' && a !== 'number' ? left : right, position)
  if (a !== b) throw failed('T2007', left, position)
  if (left === right) return 0
  return (left as number) < (right as number) ? -1 : 1
}

function failed(code: string, value: unknown, position: number | undefined): EngineError {
  const error = new EngineError(code, value)
  error.position = position
  return error
}
