import type { Pushed } from '../../core/reach.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { PartQuery } from '../../core/warehouse.ts'
import { liesOf } from '../stored.ts'
import { lyingColumn } from './lying.ts'

/** What FEDERATED sends is known beforehand: conditions on bare columns with a key, and nothing else. */
export function knownPushed({ columns }: UnifiedTable, { rows }: PartQuery): Pushed {
  const pushed: Pushed = { sent: [], tests: false, there: [], here: [] }
  for (const { name, type } of columns) {
    const values = rows.flatMap((row) => row.columns.filter((it) => it.name === name))
    if (values.length === 0) continue
    const isThere = values.every(({ value }) => {
      const column = lyingColumn(type, value)
      return column !== undefined && liesOf(column.stored)?.indexed === true
    })
    pushed[isThere ? 'there' : 'here'].push(name)
  }
  return pushed
}
