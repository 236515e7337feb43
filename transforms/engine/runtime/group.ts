import { EngineError } from './error.ts'
import { append, isList } from './sequence.ts'
import { checkSize, type State, tick } from './state.ts'
import { type Fields, ownField, setField } from './value.ts'

export interface Pair<F> {
  key: (item: unknown, frame: F) => unknown
  value: (item: unknown, frame: F) => unknown
}

interface Group {
  data: unknown
  pair: number
  /** `data` is a list of our own, which may grow. */
  gathers: boolean
}

/** `{…}` over the items of a list, or over one value. */
export function grouped<F>(
  state: State,
  input: unknown,
  pairs: Pair<F>[],
  frame: F,
  position: number | undefined,
): Fields {
  const items = isList(input) ? (input.length === 0 ? [undefined] : input) : [input]
  const groups: Record<string, Group> = Object.create(null)
  for (const item of items) {
    for (let pair = 0; pair < pairs.length; pair++) {
      tick(state)
      const name = pairs[pair]!.key(item, frame)
      if (name !== undefined) addTo(state, groups, name, item, pair, position)
    }
  }
  const result: Fields = {}
  for (const name of Object.keys(groups)) {
    const { data, pair } = groups[name]!
    const value = pairs[pair]!.value(data, frame)
    if (value !== undefined) setField(result, name, value)
  }
  return result
}

function addTo(
  state: State,
  groups: Record<string, Group>,
  name: unknown,
  item: unknown,
  pair: number,
  position: number | undefined,
): void {
  if (typeof name !== 'string') throw failed('T1003', name, position)
  if (isReserved(name)) throw failed('D1013', name, position)
  const known = ownField(groups as unknown as Fields, name) as Group | undefined
  if (known === undefined) groups[name] = { data: item, pair, gathers: false }
  else if (known.pair !== pair) throw failed('D1009', name, position)
  else if (!known.gathers || isList(item) || item === undefined) {
    known.data = append(state, known.data, item)
    known.gathers = item !== undefined && known.data !== item
  } else {
    ;(known.data as unknown[]).push(item)
    checkSize(state, (known.data as unknown[]).length)
  }
}

export const isReserved = (name: string): boolean =>
  name === '_jsonata_lambda' || name === '_jsonata_function'

function failed(code: string, value: unknown, position: number | undefined): EngineError {
  const error = new EngineError(code, value)
  error.position = position
  return error
}
