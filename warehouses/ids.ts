import { DataError } from '../core/errors.ts'
import type { MappedPart } from '../core/mapping.ts'
import { bug } from './errors.ts'

/** @throws {DataError} E612 a source row made one id twice; engines without a key would store both */
export function checkIds({ sourceRow, columns, names, rows, table }: MappedPart): void {
  const ids = columns[names.indexOf('id')]
  if (ids === undefined) throw bug(`The mapping of ${table} gave no ids.`)
  let seen: Set<unknown> | undefined
  for (let i = 1; i < rows; i++) {
    if (sourceRow[i] !== sourceRow[i - 1]) {
      seen = undefined
      continue
    }
    seen ??= new Set([ids[i - 1]])
    if (seen.has(ids[i]))
      throw new DataError('E612', {
        problem: `A source row made two rows with one id in ${table}.`,
        remedy: 'Give the items a key that is unique inside their row.',
      })
    seen.add(ids[i])
  }
}
