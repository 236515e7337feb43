import type { MappingInput } from '../../core/mapping.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import { type ColumnValue, dataPaths, type TargetValues } from './lineage.ts'
import { fieldPaths, NONE, type Paths, union } from './path.ts'
import { TEXT, typeOf } from './type.ts'
import { computed, constant, existence, type Value } from './value.ts'

/** What is known of an expression once it was walked. */
interface Analyzed {
  value: Value
}

/** Places of the source row that make its key. */
export const keyPaths = ({ key }: MappingInput): Paths => fieldPaths(key)

/** What decides which rows a target makes: `each`, `when`, else the columns that must have a value. */
export function rowsOf(
  table: UnifiedTable,
  columns: ColumnValue[],
  when: Analyzed | undefined,
  each: Analyzed | undefined,
): Paths {
  const required = new Set(table.columns.filter((it) => it.required).map((it) => it.name))
  const needed = columns.filter((it) => required.has(it.column)).map((it) => dataPaths(it.value))
  const asked = when ? [dataPaths(when.value)] : []
  return union(...(each ? [existence(each.value)] : []), ...asked, ...needed)
}

export function idValue(mapping: MappingInput, itemKey: Analyzed | undefined): Value {
  const id = { ...constant(typeOf(TEXT)), dep: keyPaths(mapping) }
  return itemKey ? computed([id, itemKey.value], typeOf(TEXT)) : id
}

/** The id of a row that another target makes, where it makes it. */
export const referenceValue = (mapping: MappingInput, anchor: TargetValues | undefined): Value => ({
  ...constant(typeOf(TEXT)),
  dep: keyPaths(mapping),
  ctl: anchor?.rows ?? NONE,
})
