import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { DatasetRun } from '../../core/report.ts'
import { diedAt, runKilledAt } from '../support/kill.ts'
import { NEAR, type NearShop, nearSchema, nearShop } from '../support/near-shop.ts'
import { counterFaults } from '../support/oracle.ts'
import { runReport } from '../support/report.ts'
import { inWarehouse } from '../support/warehouse.ts'

const ROWS = 120_000
const COMMIT_ROWS = 20_000
/** In the later ranges: the first ones go straight, these do not. */
const TOO_OLD = [70_000, 70_001, 110_000]

const NUMBERS = {
  postgres: `select i from generate_series(1, ${ROWS}) as s (i)`,
  mysql: `select seq as i from seq_1_to_${ROWS}`,
}

/** Transactions that have written; in PostgreSQL also the one that keeps the commits from their end. */
const WRITING = {
  postgres: {
    from: 'pg_stat_activity where backend_xid is not null and datname = current_database()',
    wanted: 3,
  },
  mysql: { from: 'information_schema.innodb_trx where trx_rows_modified > 1000', wanted: 2 },
}

describe.each(NEAR)('%s', (name) => {
  const schema = nearSchema(name)
  let shop: NearShop
  afterEach(() => shop?.remove())

  async function setUp(parallel: number): Promise<void> {
    const text = name === 'postgres' ? 'text' : 'varchar(40)'
    const born = `case when i in (${TOO_OLD.join(', ')}) then date '0999-01-01' else date '1970-01-01' end`
    const tables =
      `create table ${schema}people (person_id integer primary key, name ${text}, born date); ` +
      `insert into ${schema}people select i, concat('Ada ', i), ${born} from (${NUMBERS[name]}) as n; ` +
      // A table is cut by what the server knows of its size.
      `analyze ${name === 'postgres' ? '' : 'table '}${schema}people`
    const pipeline = `pipeline: shop
connection: shop_db
datasets:
  people:
    from: ${schema}people
    load: copy
    to:
      party:
        kind: { is: person }
        given_name: name
        birth_date: born
`
    shop = await nearShop(name, { tables, pipeline })
    const settings = `${shop.warehouse.yaml}timezone: UTC\nparallel: ${parallel}\ncommit:\n  rows: ${COMMIT_ROWS}\n`
    await shop.project.write({ 'polder.yaml': settings })
  }

  const people = async (): Promise<DatasetRun> => {
    const { exitCode, result } = await runReport(shop.project)
    const [dataset] = result.datasets
    expect([0, 3], JSON.stringify(dataset)).toContain(exitCode)
    expect(dataset!.road).toBe('pushdown')
    return dataset!
  }

  /**
   * Keeps the first commit from its end until the second has written its rows. For 6 s at most: a renewal of the lease,
   * which comes after 10, would be one more that has written.
   */
  const writersAtOnce = (): Promise<number> =>
    inWarehouse(shop.warehouse, async (session) => {
      const record = session.dialect.relation(session.internal, 'run_datasets')
      const begun = () => session.query(`select run_id from ${record}`).catch(() => [])
      while ((await begun()).length === 0) await setTimeout(2)
      return session.transaction(async (tx) => {
        await tx.query(`select run_id from ${record} for update`)
        let writers = 0
        for (let tries = 0; writers < WRITING[name].wanted && tries < 30; tries++) {
          // MariaDB looks anew only for who has not asked for a tenth of a second.
          await setTimeout(200)
          const [row] = await session.query<{ n: number }>(`select count(*) as n from ${WRITING[name].from}`)
          writers = Number(row!.n)
        }
        return writers
      })
    })

  /** In the warehouse: the rows, whether each stands there once and as it should, and the numbers of the commits. */
  const found = () =>
    inWarehouse(shop.warehouse, async (session) => {
      const party = session.dialect.relation(session.schema, 'party')
      const batches = session.dialect.relation(session.internal, 'batches')
      const right = `case when given_name = concat('Ada ', source_id) and id = concat('shop:people:', source_id) then 1 else 0 end`
      const [row] = await session.query(
        `select count(*) as n, count(distinct id) as ids, sum(${right}) as good from ${party}`,
      )
      const commits = await session.query<{ seq: string }>(`select seq from ${batches} order by seq`)
      expect(await counterFaults(session)).toEqual([])
      return {
        rows: ['n', 'ids', 'good'].map((it) => Number(row![it])),
        seqs: commits.map((it) => Number(it.seq)),
      }
    })
  const ALL = ROWS - TOO_OLD.length

  test('ranges are written side by side, and are counted as if one came after the other', async () => {
    await setUp(2)
    const [writers, { counts, commits }] = await Promise.all([writersAtOnce(), people()])
    expect(writers).toBe(WRITING[name].wanted)
    expect(counts).toMatchObject({ read: ROWS, loaded: ALL, rejected: TOO_OLD.length })
    const { rows, seqs } = await found()
    expect(rows).toEqual([ALL, ALL, ALL])
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    expect(seqs).toHaveLength(commits)
  })

  test('after a kill each range goes on from its own commit', async () => {
    await setUp(2)
    const killed = await runKilledAt(shop.project, 'K8', 5)
    expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
    const { counts } = await people()
    expect(counts.read).toBeLessThan(ROWS)
    expect((await found()).rows).toEqual([ALL, ALL, ALL])
  })
})
