import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { TransientError } from '../sdk/index.ts'
import { allChunks } from './duckdb-chunks.ts'

const read = async (rows: number, expected: number): Promise<number> => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const result = await connection.stream(`select * from range(${rows})`)
  let count = 0
  for await (const chunk of allChunks(result, expected)) count += chunk.rowCount
  connection.closeSync()
  return count
}

test('a result that ends before its last row is no whole result', async () => {
  expect(await read(5000, 5000)).toBe(5000)
  expect(await read(0, 0)).toBe(0)
  await expect(read(4999, 5000)).rejects.toThrow(TransientError)
  await expect(read(0, 5000)).rejects.toThrow(/0 of 5000 rows/)
})
