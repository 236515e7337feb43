import type { UnifiedTable } from '../../core/unified.ts'
import type { Json, Row } from '../../core/value.ts'
import { Changed, coerce, Misfit } from '../../transforms/index.ts'

/**
 * Compares a test's rows with the stored ones: listed columns only, exact number of rows, in any order.
 * @returns a sentence for each difference
 */
export function compareRows(table: UnifiedTable, expected: Row[], stored: Row[]): string[] {
  const differences: string[] = []
  if (expected.length !== stored.length) {
    differences.push(`${table.name}: expected ${expected.length} rows, got ${stored.length}`)
  }
  const left = [...stored]
  // Rows that say more are matched first: a vague one could take the only row that fits a precise one.
  const precise = [...expected].sort((a, b) => Object.keys(b).length - Object.keys(a).length)
  for (const row of precise) {
    const index = left.findIndex((it) =>
      Object.entries(row).every(([name, value]) => isEqual(table, name, value, it)),
    )
    if (index >= 0) left.splice(index, 1)
    else differences.push(`${table.name}: no row ${JSON.stringify(row)}${nearestRow(table, row, left)}`)
  }
  return differences
}

/** Points at the stored row that agrees in most columns. */
function nearestRow(table: UnifiedTable, row: Row, left: Row[]): string {
  const agreeing = (it: Row) =>
    Object.entries(row).filter(([name, value]) => isEqual(table, name, value, it)).length
  const [best] = [...left].sort((a, b) => agreeing(b) - agreeing(a))
  if (!best) return ''
  const other = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      isEqual(table, name, value, best) ? [] : [[name, best[name] ?? null]],
    ),
  )
  return `; the nearest has ${JSON.stringify(other)}`
}

function isEqual(table: UnifiedTable, name: string, expected: Json, row: Row): boolean {
  const column = table.columns.find((it) => it.name === name)
  const stored = row[name] ?? null
  if (expected === null || stored === null || !column) return expected === stored
  const coerced = coerce(expected, column.type, { zone: 'UTC' })
  if (coerced instanceof Misfit) return false
  return (coerced instanceof Changed ? coerced.value : coerced) === stored
}
