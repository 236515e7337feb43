import { invoke } from './call.ts'
import { NONE, union } from './path.ts'
import {
  BOOLEAN,
  isMany,
  isUnknown,
  itemType,
  LIST,
  listOf,
  NUMBER,
  OBJECT,
  sequenceOf,
  TEXT,
  type Type,
  typeOf,
  UNKNOWN,
} from './type.ts'
import {
  allBelow,
  anything,
  asList,
  computed,
  constant,
  control,
  controlled,
  data,
  existence,
  field,
  item,
  join,
  joinAll,
  NOTHING,
  someField,
  type Value,
  withType,
} from './value.ts'

type Higher = (given: Value[]) => Value

const decidedBy = (it: Value) => union(data(it), control(it))
const at = (list: Value): Value => ({ ...constant(typeOf(NUMBER)), dep: existence(list) })
const perItem = (list: Value, call: Value | undefined): Value =>
  call ? invoke(call, [item(list), at(list), list]) : NOTHING

/** Items of a list that some of them may have left. */
function someOf(list: Value, by: Value): Value {
  const type = isUnknown(list.type) ? UNKNOWN : sequenceOf(list.type, false)
  return controlled(withType(list, type), decidedBy(by), existence(list))
}

/** The same items, in a list of their own; one item alone stays alone. */
const sameItems = (list: Value, many = isMany(list.type)): Value =>
  withType(list, isUnknown(list.type) ? UNKNOWN : sequenceOf(list.type, many && !isUnknown(list.type)))

const map: Higher = ([list = NOTHING, call]) => {
  const result = perItem(list, call)
  const type: Type = isUnknown(result.type)
    ? UNKNOWN
    : sequenceOf(result.type, isMany(list.type) && !isUnknown(list.type))
  return controlled(withType(result, type), existence(list))
}

const ROUNDS = 6

/** Until another round tells nothing new. */
const reduce: Higher = ([list = NOTHING, call, first]) => {
  let value = first ? first : item(list)
  for (let round = 0; round < ROUNDS; round++) {
    const next = join(value, call ? invoke(call, [value, item(list), at(list), list]) : NOTHING)
    if (shown(next) === shown(value)) return controlled(withType(next, UNKNOWN), existence(list))
    value = next
  }
  return anything()
}

const shown = (it: Value): string =>
  `${data(it).size} ${control(it).size} ${it.fields?.size} ${it.type.kinds} ${it.src.size}`

const pairs: Higher = ([object = NOTHING, call]) => {
  const one = { ...someField(object), type: UNKNOWN }
  const key = { ...computed([object], typeOf(TEXT)), open: true }
  return call ? invoke(call, [one, key, object]) : NOTHING
}

/** The first that is there: which one depends on all before it. */
const merged: Higher = ([list = NOTHING]) => ({
  ...controlled(item(list), existence(list)),
  type: typeOf(OBJECT, { missing: list.type.missing }),
})

const sorted: Higher = ([list = NOTHING, call]) => {
  const order = call ? invoke(call, [item(list), item(list)]) : NOTHING
  return controlled(sameItems(list), decidedBy(order))
}

/** Functions that hand values on or call others. */
export const HIGHER: Readonly<Record<string, Higher>> = {
  map,
  reduce,
  merge: merged,
  sort: sorted,
  filter: ([list = NOTHING, call]) => someOf(list, perItem(list, call)),
  single: ([list = NOTHING, call]) => {
    const found = someOf(list, perItem(list, call))
    return withType(found, { ...itemType(list.type), missing: true })
  },
  each: (given) => {
    const result = pairs(given)
    const made = controlled(result, data(given[0] ?? NOTHING))
    return { ...made, open: true, type: UNKNOWN }
  },
  sift: ([object = NOTHING, call]) => ({
    ...controlled(object, decidedBy(pairs([object, call ?? NOTHING]))),
    type: typeOf(OBJECT, { missing: true }),
    open: true,
  }),
  keys: ([object = NOTHING]) => ({ ...computed([object], UNKNOWN), open: object.src.size > 0 || undefined }),
  lookup: ([object = NOTHING, key = NOTHING]) => {
    const [only, ...more] = key.type.literals ?? []
    const isFixed = typeof only === 'string' && more.length === 0 && data(key).size === 0
    const found = isFixed ? field(object, only) : someField(object)
    return controlled(found, decidedBy(key), isFixed ? NONE : existence(object))
  },
  append: ([a = NOTHING, b = NOTHING]) => {
    if (b.type.kinds === 0) return a
    const both = join(item(a), item(b))
    const unknown = isUnknown(a.type) || isUnknown(b.type)
    const type = unknown ? UNKNOWN : listOf(both.type, { missing: a.type.missing || b.type.missing })
    return controlled(withType(both, type), existence(a), existence(b))
  },
  zip: (given) => asList(withType(joinAll(given.map(item)), UNKNOWN)),
  reverse: ([list = NOTHING]) => (list.type.kinds & LIST ? list : asList(list)),
  shuffle: ([list = NOTHING]) => list,
  distinct: ([list = NOTHING]) => controlled(sameItems(list), data(list)),
  spread: ([object = NOTHING]) => withType(item(object), UNKNOWN),
  clone: ([value = NOTHING]) => value,
  error: () => NOTHING,
  assert: () => NOTHING,
  eval: (given) => (given.length > 0 ? anything() : allBelow(NOTHING)),
  count: ([list = NOTHING]) => counted(list, NUMBER),
  exists: ([value = NOTHING]) => counted(value, BOOLEAN),
  match: (given) => {
    const fields = new Map(['match', 'index', 'groups'].map((it) => [it, computed(given, UNKNOWN)]))
    return { ...computed(given, UNKNOWN), fields }
  },
  replace: (given) => {
    const call = given[2]
    const by = call?.calls ? [invoke(call, [computed(given.slice(0, 1), UNKNOWN)])] : []
    const first = given[0]?.type
    return computed([...given, ...by], typeOf(TEXT, { missing: first?.missing ?? true, gap: first?.gap }))
  },
}

/** Only whether it is there, or how many, decides. */
const counted = (value: Value, kinds: number): Value => ({
  ...constant(typeOf(kinds)),
  dep: existence({ ...value, ctl: NONE }),
  ctl: value.ctl,
  open: value.open,
})
