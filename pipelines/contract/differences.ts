import type { Field, RowSchema } from '../../core/field.ts'

/** One difference between what a source had and what it has. */
export type Difference =
  | { change: 'added'; field: string; now: Field }
  | { change: 'retyped'; field: string; was: Field; now: Field }
  /**
   * `sparse`: a field that not every JSON row had is in none of the sampled ones, which proves nothing.
   * `partly`: a later file of the dataset goes without the column.
   */
  | { change: 'removed'; field: string; was: Field; sparse: boolean; partly: boolean }

/**
 * What has been added, removed and retyped, in the order of the fields. A rename is one removed and one added: which
 * of them belong together is never guessed. Another order of the fields is no difference.
 */
export function differences(before: RowSchema, now: RowSchema): Difference[] {
  // No row was there to show a field.
  if (now.open && now.fields.length === 0) return []
  const nowBy = byName(now)
  const found: Difference[] = before.fields.flatMap((was) => changeOf(was, nowBy.get(was.name), now) ?? [])
  const known = byName(before)
  const added = now.fields.filter((it) => !known.has(it.name))
  return [...found, ...added.map((it): Difference => ({ change: 'added', field: it.name, now: it }))]
}

const byName = ({ fields }: RowSchema): Map<string, Field> => new Map(fields.map((it) => [it.name, it]))

function changeOf(was: Field, now: Field | undefined, { open }: RowSchema): Difference | undefined {
  const field = was.name
  if (!now) return { change: 'removed', field, was, sparse: Boolean(open && was.optional), partly: false }
  if (!open && now.optional && !was.optional)
    return { change: 'removed', field, was, sparse: false, partly: true }
  const same = open ? sameKind(was, now) : sameColumn(was, now)
  return same ? undefined : { change: 'retyped', field, was, now }
}

/** A column that becomes NOT NULL still fits what was agreed; one that may be NULL now does not. */
const sameColumn = (was: Field, now: Field): boolean =>
  was.type === now.type && was.sourceType === now.sourceType && (was.nullable || !now.nullable)

/** Types of JSON are seen in a sample: 1 and 1.5 are both numbers, and null says nothing. */
const sameKind = (was: Field, now: Field): boolean =>
  kindOf(was) === kindOf(now) || isOpen(was) || now.sourceType === 'null'

const isOpen = ({ type, sourceType }: Field): boolean => sourceType === 'null' || type === 'unknown'

const kindOf = ({ type }: Field): string => (type === 'integer' || type === 'decimal' ? 'number' : type)

/** `varchar(40) not null`; of JSON the kind of value. */
export function typeText({ type, sourceType, nullable }: Field): string {
  const name = ['json', 'csv', 'null'].includes(sourceType) && type !== 'json' ? type : sourceType
  return nullable ? name : `${name} not null`
}

/** What the source has now, and what of the earlier fields must not be forgotten yet. */
export function merged(before: RowSchema, now: RowSchema): RowSchema {
  const known = byName(before)
  const kept = before.fields.filter((was) => !now.fields.some((it) => it.name === was.name))
  const fields = now.fields.map((it) => mergedField(known.get(it.name), it, now))
  return { ...(now.open ? { open: true } : {}), fields: [...fields, ...kept].map(plain) }
}

function mergedField(was: Field | undefined, now: Field, { open }: RowSchema): Field {
  if (!was) return now
  const kept = open && now.sourceType === 'null' ? was : now
  // That files or rows go without a field stays to be told until somebody accepts it.
  return { ...kept, optional: was.optional }
}

/** A field without what is no part of the agreement. */
const plain = ({ name, type, sourceType, nullable, optional }: Field): Field =>
  optional ? { name, type, sourceType, nullable, optional } : { name, type, sourceType, nullable }

/** The schema as it is stored. */
export const agreed = ({ fields, open }: RowSchema): RowSchema => ({
  ...(open ? { open } : {}),
  fields: fields.map(plain),
})
