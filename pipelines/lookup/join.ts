import type { Batch, Column } from '../../core/batch.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Field } from '../../core/field.ts'
import type { Json } from '../../core/value.ts'
import { keyReader } from './key.ts'
import type { LookupTable } from './table.ts'

/** Batch and columns with one more JSON field for each look-up: NULL where nothing matches. */
export function joined(
  batch: Batch,
  columns: Column[],
  lookups: LookupTable[],
): { batch: Batch; columns: Column[] } {
  if (lookups.length === 0) return { batch, columns }
  const { fields } = batch.schema
  const clash = lookups.find((it) => fields.some(({ name }) => name === it.name))
  if (clash) throw hasName(clash)
  const schema = { ...batch.schema, fields: [...fields, ...lookups.map(fieldOf)] }
  const all = [...columns]
  let { bytes } = batch
  for (const it of lookups) {
    const { found, count } = matches(batch, columns, it)
    all.push(found)
    bytes += count * it.bytes
  }
  // With what was found: a commit ends after so many bytes.
  return { batch: { ...batch, schema, bytes }, columns: all }
}

function matches(batch: Batch, columns: Column[], { on, types, rows }: LookupTable) {
  const keyOf = keyReader(on, types, batch.schema, columns)
  const found = new Array<Json>(batch.rows)
  let count = 0
  for (let row = 0; row < batch.rows; row++) {
    const key = keyOf(row)
    const match = key === undefined ? undefined : rows.get(key)
    if (match !== undefined) count += 1
    found[row] = match ?? null
  }
  return { found, count }
}

const fieldOf = ({ name }: LookupTable): Field => ({
  name,
  type: 'json',
  sourceType: 'json',
  nullable: true,
})

/** A file whose sample did not show the field. */
const hasName = ({ name, dataset }: LookupTable): ConfigError =>
  new ConfigError('E330', {
    problem: `Rows of "${dataset}" have a field "${name}", which is the name of a look-up, too.`,
    remedy: 'Give the look-up another name: an expression could not tell them apart.',
  })
