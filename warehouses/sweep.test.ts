import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { warehouses } from './index.ts'
import { ready, table, text } from './testing.ts'

const ROWS = 400_000
const people = table('people', [text('name')])

test('DuckDB soft-deletes a whole part in slices that fit its memory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polder-sweep-'))
  const options = { path: './w.duckdb', memory_limit: '24MB' }
  const duckdb = warehouses.find((it) => it.name === 'duckdb')!
  const session = await duckdb.open({ root, options, schema: 'customer', internal: 'polder' })
  try {
    const { parts, fence, loader } = await ready(session, { people: [people, ['id', 'name']] })
    const part = session.dialect.relation(session.internal, parts[0]!.part.form.relation)
    await session.transaction((tx) =>
      tx.run(
        `insert into ${part} (id, source_id, name, loaded_at, run_id) ` +
          `select 'shop:customers:' || n, 'customer ' || n, 'van der Lovelace ' || n, now(), 'run' from range(${ROWS}) as r(n)`,
      ),
    )
    const startedAt = await session.clock()
    const outcome = await session.commit('sweep', fence, async (tx) => ({
      ...(await loader.sweep(tx, { id: 'none', startedAt, maxDrop: 1, runId: 'sweep' })),
    }))
    expect(outcome).toEqual({ done: { deleted: ROWS } })
    const [left] = await session.query(`select count(*) as n from ${part} where deleted_at is null`)
    expect(left).toEqual({ n: 0 })
  } finally {
    await session.close()
    await rm(root, { recursive: true })
  }
})
