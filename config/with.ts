import type { DatasetSpec, NamedField, WithSpec } from '../core/spec.ts'
import { asMap, asScalar, asText, fieldsOf, type Reading, required, wrongKind } from './expect.ts'
import { readFieldNames } from './field-names.ts'
import { checkName } from './names.ts'
import type { Entry } from './yaml/tree.ts'

const WITH_KEYS = ['from', 'on', 'key', 'many'] as const

/** `with:` of a dataset: tables of the same connection by name, each with the fields that lead to its rows. */
export function readWith(entry: Entry, reading: Reading): DatasetSpec['with'] {
  const map = asMap(entry, 'name: { from: …, on: … }', reading.report)
  return map?.entries.flatMap((it) => readLookup(it, reading) ?? [])
}

function readLookup(entry: Entry, reading: Reading): WithSpec | undefined {
  const { report } = reading
  checkName(entry.key, entry.keyAt, 'look-up', report)
  const map = asMap(entry, 'from, on, key, many', report)
  if (map === undefined) return undefined
  const fields = fieldsOf(map, { what: 'A look-up', known: WITH_KEYS }, reading)
  const whole = (example: string) => ({ at: entry.keyAt, what: `The look-up "${entry.key}"`, example })
  const fromEntry = required(fields, 'from', whole('from: public.categories'), report)
  const onEntry = required(fields, 'on', whole('on: category_id'), report)
  const from = fromEntry && asText(fromEntry, report)
  const on = onEntry ? readFieldNames(onEntry, reading) : []
  const keyEntry = fields.get('key')
  const key = keyEntry && readFieldNames(keyEntry, reading)
  const many = readMany(fields.get('many'), reading)
  if (many && !keyEntry) reportNoKey(fields.get('many')!, reading)
  if (key && onEntry && key.length > 0 && on.length > 0 && key.length !== on.length)
    reportLengths(keyEntry, on, key, reading)
  if (!from || on.length === 0 || key?.length === 0) return undefined
  const identity = { name: entry.key, at: entry.keyAt, from: from.written.text, fromAt: from.at }
  return { ...identity, on, ...(key && { key }), many }
}

function readMany(entry: Entry | undefined, { report }: Reading): boolean {
  const scalar = entry && asScalar(entry, 'true or false', report)
  if (!scalar) return false
  if (typeof scalar.value !== 'boolean') wrongKind(entry, 'true or false', report)
  return scalar.value === true
}

const reportNoKey = ({ keyAt }: Entry, { report }: Reading): void =>
  report.error('E165', keyAt, {
    problem: 'With "many: true" the primary key of the table is not what leads to its rows.',
    remedy: 'Add key: with the column of the table that names the row of this dataset.',
  })

const reportLengths = (entry: Entry, on: NamedField[], key: NamedField[], { report }: Reading): void =>
  report.error('E165', entry.keyAt, {
    problem: `"on" names ${on.length} and "key" ${key.length} of what shall be equal.`,
    remedy: 'Name as many fields in the one as columns in the other, in the same order.',
  })
