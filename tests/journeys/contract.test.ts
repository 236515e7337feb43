import { afterAll, describe, expect, test } from 'vitest'
import { openProject, type Polder } from '../../app/index.ts'
import type { RunReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { freshMysql, freshPostgres } from '../support/databases.ts'
import { counterFaults } from '../support/oracle.ts'
import { warehouseProject } from '../support/project.ts'
import {
  freshWarehouse,
  inWarehouse,
  unifiedRows,
  WAREHOUSES,
  type WarehouseName,
} from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

type Options = Partial<Parameters<Polder['run']>[1]>

async function setUp(
  name: WarehouseName,
  files: Record<string, string>,
  env: Record<string, string> = {},
  commitRows?: number,
) {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, files, { env, commitRows })
  undo.push(warehouse.drop, project.remove)
  const open = () => openProject(project.root, { env: { ...process.env, ...project.env } })
  const runOn = (polder: Polder, options: Options = {}): Promise<RunReport> =>
    polder.run([], {
      full: false,
      allowShrink: false,
      signal: new AbortController().signal,
      onEvent: () => {},
      ...options,
    })
  const run = async (options: Options = {}) => {
    const polder = await open()
    return runOn(polder, options).finally(() => polder.close())
  }
  const plan = async () => {
    const polder = await open()
    return polder.plan([]).finally(() => polder.close())
  }
  const state = <T>(table: string) =>
    inWarehouse(warehouse, (session) =>
      session.query<T>(`select * from ${session.dialect.relation(session.internal, table)}`),
    )
  const parties = async (dataset = 'people'): Promise<Row[]> => {
    const rows = await inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))
    return rows.filter((it) => it['source_object'] === dataset)
  }
  const faults = () => inWarehouse(warehouse, counterFaults)
  return { project, open, runOn, run, plan, state, parties, faults, warehouse }
}

const datasetYaml = (name: string, settings: string, from = name) => `  ${name}:
    from: ${from}
${settings}    to:
      party:
        kind: { is: person }
        given_name: name
        attributes: '*'
`

const SOURCES = {
  postgres: { fresh: freshPostgres, instant: 'timestamptz' },
  mysql: { fresh: freshMysql, instant: 'timestamp(6) null' },
}

const databaseFiles = (connector: keyof typeof SOURCES, pipeline: string) => ({
  'config/connections.yaml': `shop_db:\n  connector: ${connector}\n  url: \${env:SHOP_DB_URL}\n`,
  'pipelines/shop.yaml': `pipeline: shop\nconnection: shop_db\n${pipeline}`,
})

const WORDS = ['evolve', 'freeze', 'discard_row', 'discard_value'] as const

const codes = (problems: { code: string }[]) => problems.map((it) => it.code)

describe.each(WAREHOUSES)('%s', (name) => {
  test('each word does what it says with a column that came and one that was retyped', async () => {
    const source = await freshPostgres('contract')
    undo.push(source.drop)
    for (const word of WORDS)
      await source.query(`create table t_${word} (id int primary key, name text, code varchar(3));
        insert into t_${word} values (1, 'Ada', 'a'), (2, 'Grace', 'b'), (3, 'Edsger', 'c')`)
    const datasets = WORDS.map((word) =>
      datasetYaml(word, word === 'freeze' ? '' : `    contract: ${word}\n`, `t_${word}`),
    )
    const files = databaseFiles('postgres', `contract: freeze\ndatasets:\n${datasets.join('')}`)
    const it = await setUp(name, files, { SHOP_DB_URL: source.url })
    const first = await it.run()
    expect(first.exitCode).toBe(0)
    expect(first.datasets.flatMap((done) => done.warnings)).toEqual([])
    for (const word of WORDS)
      await source.query(`alter table t_${word} add phone text; alter table t_${word} alter code type text;
        update t_${word} set phone = '06' where id = 1; update t_${word} set code = 'long code' where id = 2;
        update t_${word} set name = 'E.W.' where id = 3`)

    const planned = await it.plan()
    const effects = planned.datasets.map((done) => [
      done.contract.word,
      ...done.contract.changes.map((one) => one.effect),
    ])
    expect(effects).toEqual([
      ['evolve', 'accepted', 'accepted'],
      ['freeze', 'stops', 'stops'],
      ['discard_row', 'rejects rows', 'rejects rows'],
      ['discard_value', 'leaves out values', 'leaves out values'],
    ])
    expect(planned.datasets[0]!.contract.changes).toEqual([
      {
        field: 'code',
        change: 'retyped',
        was: 'character varying(3)',
        now: 'text',
        used: false,
        effect: 'accepted',
      },
      { field: 'phone', change: 'added', now: 'text', used: false, effect: 'accepted' },
    ])

    const second = await it.run()
    expect(second.exitCode).toBe(4)
    const [evolve, freeze, discardRow, discardValue] = second.datasets
    expect(codes(evolve!.warnings)).toEqual(['E322'])
    expect(freeze).toMatchObject({
      status: 'failed',
      failure: 'ContractError',
      commits: 0,
      problem: { code: 'E320' },
    })
    expect(freeze!.counts.read).toBe(0)
    expect(discardRow!.counts).toMatchObject({ read: 3, loaded: 1, rejected: 2 })
    expect(discardValue!.counts).toMatchObject({ read: 3, loaded: 2, unchanged: 1, rejected: 0 })

    const kept = async (word: string) =>
      (await it.parties(word)).map((row) => [row['given_name'], JSON.parse(String(row['attributes']))])
    expect(await kept('evolve')).toEqual([
      ['Ada', { code: 'a', id: 1, phone: '06' }],
      ['Grace', { code: 'long code', id: 2 }],
      ['E.W.', { code: 'c', id: 3 }],
    ])
    expect((await kept('freeze')).map(([given]) => given)).toEqual(['Ada', 'Grace', 'Edsger'])
    expect(await kept('discard_row')).toEqual([
      ['Ada', { code: 'a', id: 1 }],
      ['Grace', { code: 'b', id: 2 }],
      ['E.W.', { code: 'c', id: 3 }],
    ])
    expect(await kept('discard_value')).toEqual([
      ['Ada', { code: 'a', id: 1 }],
      ['Grace', { id: 2 }],
      ['E.W.', { code: 'c', id: 3 }],
    ])
    const rejects = await it.state<{ code: string; source_id: string }>('rejects')
    expect(rejects.map((row) => `${row.source_id} ${row.code}`).sort()).toEqual(['1 E530', '2 E531'])
    const changes = await it.state<{ column_name: string; code: string; changed: number }>('changes')
    expect(changes.map((row) => `${row.column_name} ${row.code} ${row.changed}`).sort()).toEqual([
      'code E531 1',
      'phone E530 1',
    ])

    const third = await it.run()
    expect(codes(third.datasets[0]!.warnings)).toEqual([])
    expect(codes(third.datasets[2]!.warnings)).toEqual(['E322'])
    const accepted = await it.run({ acceptSchema: true })
    expect(accepted.exitCode).toBe(0)
    expect(await it.run()).toMatchObject({ exitCode: 0, counts: { unchanged: 12 } })
    for (const word of WORDS)
      expect((await kept(word))[0]).toEqual(['Ada', { code: 'a', id: 1, phone: '06' }])
    expect((await it.plan()).datasets.flatMap((done) => done.contract.changes)).toEqual([])
    expect(await it.faults()).toEqual([])
  })

  test('a column that goes: an error before anything is read where it is used, else a warning that stands', async () => {
    const source = await freshPostgres('contract')
    undo.push(source.drop)
    await source.query(`create table people (id int primary key, name text, fax text);
      insert into people values (1, 'Ada', 'x'), (2, 'Grace', null)`)
    const files = databaseFiles('postgres', `datasets:\n${datasetYaml('people', '')}`)
    const it = await setUp(name, files, { SHOP_DB_URL: source.url })
    await it.run()
    await source.query(
      `alter table people drop fax; alter table people rename name to full_name; delete from people where id = 2`,
    )

    const planned = await it.plan()
    const gone = planned.problems.find((problem) => problem.code === 'E321')!
    expect(gone.at).toMatchObject({ line: 9, length: 4 })
    const stopped = await it.run()
    expect(stopped.exitCode).toBe(4)
    expect(stopped.datasets[0]).toMatchObject({ failure: 'ContractError', problem: { code: 'E321' } })
    expect((await it.parties()).map((row) => row['given_name'])).toEqual(['Ada', 'Grace'])

    await source.query('alter table people rename full_name to name')
    for (let runs = 0; runs < 2; runs++)
      expect(codes((await it.run({ allowShrink: true })).datasets[0]!.warnings)).toEqual(['E323'])
    expect(codes((await it.plan()).problems)).toEqual(['E323'])
    await it.run({ acceptSchema: true })
    expect((await it.run()).datasets[0]!.warnings).toEqual([])
  })
})
