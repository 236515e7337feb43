import type { Batch, Column, Refusal } from '../../core/batch.ts'
import type { Field } from '../../core/field.ts'
import type { ValueChange } from '../../core/mapping.ts'
import type { Value } from '../../core/value.ts'
import { changeName } from './change-name.ts'
import { typeText } from './differences.ts'
import { fitsField } from './fits.ts'

/** A batch as the contract lets it through. */
export interface Guarded {
  batch: Batch
  columns: Column[]
  /** Values left out; their table is empty, their column the source's field. */
  changes: ValueChange[]
}

/** A column whose values are looked at: new, or of another type than agreed. */
export interface Watched {
  /** Its place in the batch. */
  at: number
  field: string
  /** Absent: the column is new. */
  was?: Field
}

/** `discard_row`: rows with a value that was not agreed are refused under their key. */
export function refuseRows(batch: Batch, columns: Column[], watched: Watched[]): Guarded {
  const refused = new Map<number, Refusal>()
  for (const it of watched)
    for (let row = 0; row < batch.rows; row++)
      if (!refused.has(row) && !isAllowed(columns[it.at]![row]!, it)) refused.set(row, refusalOf(it))
  return { batch: { ...batch, refused }, columns, changes: [] }
}

/** `discard_value`: values that were not agreed become NULL and are counted; new columns are left out whole. */
export function leaveOutValues(batch: Batch, columns: Column[], watched: Watched[]): Guarded {
  const kept = [...columns]
  const changes = watched.flatMap((it): ValueChange[] => {
    const values = Array.from(columns[it.at]!)
    let count = 0
    for (let row = 0; row < batch.rows; row++) {
      if (values[row] === null || isAllowed(values[row]!, it)) continue
      values[row] = null
      count += 1
    }
    kept[it.at] = values
    return count > 0 ? [{ table: '', column: changeName(it.field), code: refusalOf(it).code, count }] : []
  })
  const isAgreed = (at: number) => !watched.some((it) => it.at === at && !it.was)
  const schema = { ...batch.schema, fields: batch.schema.fields.filter((_, at) => isAgreed(at)) }
  const left = kept.filter((_, at) => isAgreed(at))
  return { batch: { ...batch, schema, payload: { form: 'columns', columns: left } }, columns: left, changes }
}

const isAllowed = (value: Value, { was }: Watched): boolean => (was ? fitsField(value, was) : value === null)

const refusalOf = ({ field, was }: Watched): Refusal =>
  was
    ? {
        code: 'E531',
        reason: `source field "${field}" does not fit ${typeText(was)}, which the contract keeps to`,
      }
    : { code: 'E530', reason: `source field "${field}" is new, and the contract does not take it` }
