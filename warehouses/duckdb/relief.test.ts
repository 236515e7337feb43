import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { duckdb } from './index.ts'

const TABLES = 16
const COLUMNS = 60

const HELD = `select sum(memory_usage_bytes)::double as bytes from duckdb_memory() where tag = 'IN_MEMORY_TABLE'`

async function heldBytes(session: WarehouseSession): Promise<number> {
  const [row] = await session.query<{ bytes: number }>(HELD)
  return row!.bytes
}

test('few rows in each of many columns leave the memory that a small limit gives them', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polder-duckdb-'))
  const options = { path: './wide.duckdb', memory_limit: '16MB' }
  const session = await duckdb.open({ options, root, schema: 'customer', internal: 'polder' })
  try {
    await session.prepare()
    const columns = Array.from({ length: COLUMNS }, (_, i) => `c${i} varchar`).join(', ')
    const texts = Array.from({ length: COLUMNS }, (_, i) => `'a text of column ' || ${i}`).join(', ')
    for (let i = 0; i < TABLES; i++) {
      const table = session.dialect.relation('polder', `wide_${i}`)
      await session.transaction((tx) => tx.run(`create table ${table} (${columns})`))
      await session.transaction((tx) => tx.run(`insert into ${table} values (${texts})`))
    }
    expect(await heldBytes(session)).toBeLessThan(8_000_000)
    for (let i = 0; i < TABLES; i++) {
      const [row] = await session.query(`select count(*) as count from polder.wide_${i}`)
      expect(row).toEqual({ count: 1 })
    }
  } finally {
    await session.close()
    await rm(root, { recursive: true })
  }
})
