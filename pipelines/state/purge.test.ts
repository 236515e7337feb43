import { expect, test } from 'vitest'
import { noCounts } from '../../core/counts.ts'
import { freshWarehouse, WAREHOUSES } from '../../tests/support/warehouse.ts'
import { purge } from './purge.ts'
import { storeRejects } from './rejects.ts'
import { recordBatch, startRun } from './runs.ts'
import { StateStore } from './store.ts'

const LEASE_MS = 60_000
const day = (text: string) => `2026-${text}T12:00:00.000000Z`

test.each(WAREHOUSES)('%s: the first run of a day deletes what has had its time', async (name) => {
  const warehouse = await freshWarehouse(name)
  const session = await warehouse.open()
  try {
    const store = await StateStore.open(session)
    const fence = await session.lease('p.d', 'me', LEASE_MS)
    const at = (table: string) => session.dialect.relation(session.internal, table)
    const write = async (id: string, when: string) => {
      await session.commit(id, fence, async (tx) => {
        await recordBatch(
          store,
          tx,
          { commitId: id, runId: 'r1', dataset: 'p.d', rangeId: '0', seq: 1 },
          noCounts(),
        )
        const reject = { sourceRow: 0, sourceId: id, version: null, row: {}, reason: 'x', occurrence: 0 }
        await storeRejects(store, tx, 'r1', 'p.d', 'hash', [{ ...reject, code: 'E501' }])
        return null
      })
      const canonical = session.dialect.instant(day(when))
      await session.transaction(async (tx) => {
        await tx.run(`update ${at('commits')} set committed_at = ${canonical} where commit_id = ?`, [id])
        await tx.run(`update ${at('batches')} set committed_at = ? where commit_id = ?`, [day(when), id])
        await tx.run(`update ${at('rejects')} set created_at = ? where source_id = ?`, [day(when), id])
      })
    }
    const ids = async (table: string, column: string) =>
      (await session.query(`select ${column} as id from ${at(table)} order by 1`)).map((it) => it['id'])
    const left = async () => ({
      commits: await ids('commits', 'commit_id'),
      batches: await ids('batches', 'commit_id'),
      rejects: await ids('rejects', 'source_id'),
    })
    for (const [id, when] of Object.entries({ a: '01-01', b: '03-01', c: '05-20' })) await write(id, when)

    await startRun(store, 'r2', 'me')
    await startRun(store, 'r3', 'me')
    // r2 has begun on a later day than the one that is purged for.
    await purge(store, 'r3', day('05-21'))
    expect((await left()).commits).toEqual(['a', 'b', 'c'])
    await session.transaction((tx) => tx.run(`delete from ${at('runs')} where run_id = 'r2'`))
    await purge(store, 'r3', day('05-21'))
    expect(await left()).toEqual({ commits: ['c'], batches: ['b', 'c'], rejects: ['c'] })
  } finally {
    await session.close()
    await warehouse.drop()
  }
})
