import type { DatasetFacts, Field, FieldType, JsonShape } from '../../core/field.ts'
import type { MappingInput } from '../../core/mapping.ts'
import type { WithSpec } from '../../core/spec.ts'
import { ROOT } from './path.ts'
import { BOOLEAN, LIST, listOf, NEVER, NUMBER, OBJECT, TEXT, type Type, typeOf, UNKNOWN } from './type.ts'
import { source, type Value } from './value.ts'

/** The row as its source describes it, with what is looked up for it. */
export function rowOf({ facts, dataset, lookedUp }: RowInput): Value {
  const beside = (dataset?.with ?? []).map(
    (it) => [it.name, typeOfLookup(it, lookedUp?.get(it.name))] as const,
  )
  if (!facts) return source(ROOT, typeOf(OBJECT, beside.length > 0 ? { fields: new Map(beside) } : {}))
  return source(ROOT, typeOfRow(facts, beside))
}

type RowInput = Partial<Pick<MappingInput, 'facts' | 'dataset' | 'lookedUp'>>

function typeOfRow({ schema }: DatasetFacts, beside: Iterable<readonly [string, Type]> = []): Type {
  const { fields, open, sampled } = schema
  const types = fields.map((it) => [it.name, typeOfField(it, open === true, sampled)] as const)
  return typeOf(OBJECT, {
    fields: new Map([...types, ...beside]),
    closed: !open,
    sampled: open ? sampled : undefined,
  })
}

/** A row that may match none: so whatever is taken from it may be missing. */
function typeOfLookup({ many }: WithSpec, facts: DatasetFacts | undefined): Type {
  const row = facts ? typeOfRow(facts) : typeOf(OBJECT)
  if (many) return listOf(row, { missing: true })
  const fields = row.fields && new Map([...row.fields].map(([name, it]) => [name, { ...it, missing: true }]))
  return { ...row, fields, missing: true }
}

/** Kinds that a declared type arrives as; a number too long for a double comes as text, so they are not sure. */
const DECLARED: Record<FieldType, number> = {
  text: TEXT,
  date: TEXT,
  datetime: TEXT,
  timestamp: TEXT,
  time: TEXT,
  binary: TEXT,
  integer: NUMBER,
  decimal: NUMBER,
  float: NUMBER,
  boolean: BOOLEAN,
  json: 0,
  unknown: 0,
}

function typeOfField(field: Field, open: boolean, sampled: number | undefined): Type {
  const kinds = DECLARED[field.type]
  if (field.shape && sampled) return { ...typeOfShape(field.shape, sampled), declared: scalar(field.type) }
  if (kinds === 0) return { ...UNKNOWN, gap: field.nullable && !open }
  return typeOf(kinds, {
    sure: kinds === TEXT && !open,
    missing: field.nullable,
    gap: field.nullable && !open,
    declared: field.type,
  })
}

const scalar = (type: FieldType): FieldType | undefined => (DECLARED[type] === 0 ? undefined : type)

const KINDS: Record<JsonShape['kinds'][number], number> = {
  text: TEXT,
  integer: NUMBER,
  decimal: NUMBER,
  boolean: BOOLEAN,
  object: OBJECT,
  list: LIST,
}

/** @param of values among which this one could have been */
function typeOfShape(shape: JsonShape, of: number): Type {
  const kinds = shape.kinds.reduce((all, it) => all | KINDS[it], 0)
  if (kinds === 0) return UNKNOWN
  const fields = shape.fields && new Map(Object.entries(shape.fields))
  const objects = shape.objects ?? 0
  return {
    kinds,
    sure: false,
    missing: true,
    gap: shape.count < of,
    share: of === 0 ? 1 : Math.min(1, shape.count / of),
    fields: fields && new Map([...fields].map(([name, it]) => [name, typeOfShape(it, objects)])),
    sampled: fields && objects,
    item: kinds & LIST ? itemOf(shape) : undefined,
    few: kinds === LIST && (shape.items?.count ?? 0) <= shape.count,
  }
}

/** Of lists that were empty in the whole sample nothing is known. */
const itemOf = ({ items }: JsonShape): Type => {
  const item = items ? typeOfShape(items, items.count) : NEVER
  return item.kinds === 0 ? UNKNOWN : item
}
