import type { FieldType } from '../../core/field.ts'

/** Kinds of values, as bits: a type is what a value can be where there is one. */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const OBJECT = 8
export const LIST = 16
export const FUNCTION = 32
export const NULL = 64
export const ANY_KIND = 127
const SCALAR = TEXT | NUMBER | BOOLEAN

export type Literal = string | number | boolean

/** What is known of a value before any row was read. */
export interface Type {
  /** 0: there is never a value. */
  kinds: number
  /** False: seen in a sample or taken from a declaration that a value may pass by, so a finding is a warning. */
  sure: boolean
  missing: boolean
  /** Known to be missing in some rows: nullable, or not in every row of the sample. */
  gap?: boolean
  /** Of the items, where it is a list. */
  item?: Type
  /** One item stands for itself and several are a list: what JSONata makes of a path through a list. */
  many?: boolean
  /** A list that held no more than one item wherever it was seen. */
  few?: boolean
  /** All values it can have, where they stand in the expression. */
  literals?: readonly Literal[]
  /** Of a source object. */
  fields?: ReadonlyMap<string, Type>
  /** A source object has no other fields. */
  closed?: boolean
  /** Objects of the sample that `fields` was made of. */
  sampled?: number
  /** In how many of them, from 0 to 1, this field has a value. */
  share?: number
  /** Of a field as its source declares it. */
  declared?: FieldType
}

export const UNKNOWN: Type = { kinds: ANY_KIND, sure: false, missing: true }
export const NEVER: Type = { kinds: 0, sure: true, missing: true }

export const typeOf = (kinds: number, more: Partial<Type> = {}): Type => ({
  kinds,
  sure: true,
  missing: false,
  ...more,
})

export const literalType = (value: Literal): Type =>
  typeOf(typeof value === 'string' ? TEXT : typeof value === 'number' ? NUMBER : BOOLEAN, {
    literals: [value],
  })

const MOST_LITERALS = 50

export function joinTypes(a: Type, b: Type): Type {
  const missing = a.missing || b.missing
  if (a.kinds === 0) return { ...b, missing }
  if (b.kinds === 0) return { ...a, missing }
  const literals = a.literals && b.literals && [...new Set([...a.literals, ...b.literals])]
  return {
    kinds: a.kinds | b.kinds,
    sure: a.sure && b.sure,
    missing,
    gap: a.gap || b.gap,
    item: a.item && b.item ? joinTypes(a.item, b.item) : (a.item ?? b.item),
    many: a.many || b.many,
    few: a.few && b.few,
    literals: literals && literals.length <= MOST_LITERALS ? literals : undefined,
    fields: a.fields === b.fields ? a.fields : undefined,
    closed: a.fields === b.fields && a.closed && b.closed,
    sampled: a.fields === b.fields ? a.sampled : undefined,
    declared: a.declared === b.declared ? a.declared : undefined,
  }
}

/** Without what tells of a list as a whole. */
const withoutList = (type: Type): Type => ({
  ...type,
  kinds: type.kinds & ~LIST,
  item: undefined,
  many: undefined,
})

/** One item of a list, or the value where it is none. */
export function itemType(type: Type): Type {
  if (!(type.kinds & LIST) || type.kinds === ANY_KIND) return type
  if (!type.item) return type.kinds === LIST ? UNKNOWN : joinTypes(withoutList(type), UNKNOWN)
  const plain = withoutList(type)
  const { item } = type
  return plain.kinds === 0 ? item : sameShape(plain, item) ? item : joinTypes(plain, item)
}

const sameShape = (a: Type, b: Type): boolean => (a.kinds | b.kinds) === b.kinds && a.fields === undefined

export const listOf = (item: Type, more: Partial<Type> = {}): Type => typeOf(LIST, { item, ...more })

/** A list as JSONata hands it on: of one item only the item is left. */
export function sequenceOf(item: Type, many: boolean): Type {
  const one = itemType(item)
  if (one.kinds === 0) return NEVER
  return { ...withoutList(one), kinds: one.kinds | LIST, item: one, many, missing: true, literals: undefined }
}

export const isMany = (type: Type): boolean => type.many === true || (type.kinds === LIST && !type.few)
export const isUnknown = (type: Type): boolean => type.kinds === ANY_KIND
/** Has a plain value where it has one; a list where there are several. */
export const isPlural = (type: Type): boolean =>
  type.many === true && (type.kinds & LIST) !== 0 && (type.kinds & SCALAR) !== 0

/** The type of a field of an object or of the objects of a list. */
export function fieldType(type: Type, name: string): Type {
  const item = itemType(type)
  if (isUnknown(item)) return UNKNOWN
  if (!(item.kinds & OBJECT)) return item.kinds & LIST ? UNKNOWN : NEVER
  const own = item.fields?.get(name) ?? (item.closed ? NEVER : UNKNOWN)
  const found = item.kinds === OBJECT ? own : { ...own, missing: true }
  return type.kinds & LIST && !isUnknown(type) ? sequenceOf(found, isMany(type)) : found
}

const NAMES: [number, string][] = [
  [TEXT, 'text'],
  [NUMBER, 'a number'],
  [BOOLEAN, 'a boolean'],
  [OBJECT, 'an object'],
  [LIST, 'a list'],
  [FUNCTION, 'a function'],
  [NULL, 'null'],
]

/** `text`, `a number or a list` */
export const kindsText = (kinds: number): string =>
  NAMES.filter(([kind]) => kinds & kind)
    .map(([, name]) => name)
    .join(' or ')
