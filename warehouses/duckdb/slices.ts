import type { SqlDialect } from '../engine.ts'

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes of a setting as DuckDB prints it: `122.0 MiB`. */
export function bytesOf(setting: string): number {
  const [number, unit] = setting.split(' ')
  return Number(number) * 1024 ** Math.max(0, UNITS.indexOf(unit!))
}

/** Updates of 400,000 rows at once failed at 24 MB, 60 bytes a row, and grew slow long before. */
const BYTES_PER_ROW = 240

/** @param memory  bytes that DuckDB may use */
export const slices = (memory: number): NonNullable<SqlDialect['slices']> => ({
  count: (relation) =>
    `select coalesce(max(rowid), 0) // ${Math.ceil(memory / BYTES_PER_ROW)} + 1 as count from ${relation}`,
  ofKeys: (column, count, index) => `hash(${column}) % ${count} = ${index}`,
})
