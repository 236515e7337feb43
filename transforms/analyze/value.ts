import { anyBelow, anyChild, child, NONE, type Paths, presence, ROOT, union } from './path.ts'
import { fieldType, itemType, joinTypes, listOf, NEVER, OBJECT, type Type, typeOf, UNKNOWN } from './type.ts'

/** What an expression can give, before any row was read: where it comes from and of what type it is. */
export interface Value {
  /** Places whose value it may be. */
  src: Paths
  /** Places it is computed from. */
  dep: Paths
  /** Places that decide it: conditions, predicates, sort keys. */
  ctl: Paths
  type: Type
  /** Fields of an object that the expression itself makes, or of such objects in a list. */
  fields?: ReadonlyMap<string, Value>
  /** Fields of it whose names are computed. */
  rest?: Value
  /** What is called where it is a function. */
  calls?: readonly Callable[]
  /** Its places are wider than they need be: the names are only known when a row is read. */
  open?: boolean
}

type Callable = (given: Value[]) => Value

export const NOTHING: Value = { src: NONE, dep: NONE, ctl: NONE, type: NEVER }
export const constant = (type: Type): Value => ({ ...NOTHING, type })
export const source = (path: Paths, type: Type): Value => ({ ...NOTHING, src: path, type })
/** May be anything of the row. */
export const anything = (): Value => ({ ...NOTHING, src: NONE, dep: ROOT, type: UNKNOWN, open: true })

/** All places that a value shows something of. */
export function data(value: Value): Paths {
  const below = [...(value.fields?.values() ?? []), ...(value.rest ? [value.rest] : [])]
  return union(value.src, value.dep, ...below.map(data))
}

export function control(value: Value): Paths {
  const below = [...(value.fields?.values() ?? []), ...(value.rest ? [value.rest] : [])]
  return union(value.ctl, ...below.map(control))
}

export const isOpen = (value: Value): boolean =>
  value.open === true || [...(value.fields?.values() ?? []), value.rest].some((it) => it && isOpen(it))

/** What decides whether there is a value at all, and how many. */
export const existence = (value: Value): Paths => union(presence(value.src), value.dep, value.ctl)

export const controlled = (value: Value, ...by: Paths[]): Value => {
  const ctl = union(value.ctl, ...by)
  return ctl === value.ctl ? value : { ...value, ctl }
}

export const withType = (value: Value, type: Type): Value => ({ ...value, type })

export function computed(from: Value[], type: Type): Value {
  return {
    src: NONE,
    dep: union(...from.map(data)),
    ctl: union(...from.map(control)),
    type,
    open: from.some(isOpen) || undefined,
  }
}

export function join(a: Value, b: Value): Value {
  if (a === NOTHING) return { ...b, type: joinTypes(a.type, b.type) }
  if (b === NOTHING) return { ...a, type: joinTypes(a.type, b.type) }
  return {
    src: union(a.src, b.src),
    dep: union(a.dep, b.dep),
    ctl: union(a.ctl, b.ctl),
    type: joinTypes(a.type, b.type),
    fields: joinFields(a.fields, b.fields),
    rest: a.rest && b.rest ? join(a.rest, b.rest) : (a.rest ?? b.rest),
    calls: a.calls && b.calls ? [...new Set([...a.calls, ...b.calls])] : (a.calls ?? b.calls),
    open: a.open || b.open,
  }
}

export const joinAll = (values: Value[]): Value => values.reduce(join, NOTHING)

function joinFields(a: Value['fields'], b: Value['fields']): Value['fields'] {
  if (!a || !b) return a ?? b
  const all = new Map(a)
  for (const [name, value] of b) all.set(name, all.has(name) ? join(all.get(name)!, value) : value)
  return all
}

/** The field of a value, of each where it is a list. */
export function field(value: Value, name: string): Value {
  const made = [value.fields?.get(name), value.rest].filter((it) => it !== undefined)
  const own: Value = {
    src: child(value.src, name),
    dep: value.dep,
    ctl: value.ctl,
    type: value.src.size + value.dep.size === 0 && made.length > 0 ? NEVER : fieldType(value.type, name),
    open: value.open,
  }
  const all = joinAll([own, ...made])
  return controlled(all, made.length > 0 ? existence(value) : NONE)
}

/** The value of some field: which one is not known. */
export function someField(value: Value): Value {
  const made = [...(value.fields?.values() ?? []), ...(value.rest ? [value.rest] : [])]
  const own: Value = { ...NOTHING, src: anyChild(value.src), dep: value.dep, ctl: value.ctl }
  return { ...joinAll([own, ...made]), type: UNKNOWN, open: true }
}

/** Everything below a value. */
export const allBelow = (value: Value): Value => ({
  ...NOTHING,
  src: union(value.src, anyBelow(value.src)),
  dep: data(value),
  ctl: control(value),
  type: UNKNOWN,
  open: true,
})

export const item = (value: Value): Value => withType(value, itemType(value.type))
export const asList = (value: Value, more: Partial<Type> = {}): Value =>
  withType(value, listOf(itemType(value.type), more))

export const objectOf = (fields: Map<string, Value>, rest?: Value): Value => ({
  ...NOTHING,
  fields,
  rest,
  type: typeOf(OBJECT),
})

export type { Paths }
