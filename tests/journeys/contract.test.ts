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
  const parties = (): Promise<Row[]> => inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))
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

const SOURCES = { postgres: freshPostgres, mysql: freshMysql }

const databaseFiles = (connector: keyof typeof SOURCES, pipeline: string) => ({
  'config/connections.yaml': `shop_db:\n  connector: ${connector}\n  url: \${env:SHOP_DB_URL}\n`,
  'pipelines/shop.yaml': `pipeline: shop\nconnection: shop_db\n${pipeline}`,
})

const WORDS = ['evolve', 'freeze', 'discard_row', 'discard_value'] as const

const codes = (problems: { code: string }[]) => problems.map((it) => it.code)

/** Columns whose names some other system would take for one and the same. */
const ALIKE: Record<string, string> = {
  'a-b': 'dash',
  a_b: 'line',
  A_B: 'large',
  [`${'long_'.repeat(12)}one`]: '63 bytes',
  [`${'long_'.repeat(12)}two`]: '63 others',
}

describe.each(WAREHOUSES)('%s', (name) => {
  test('fault 30: each word does what it says with a column that came and one that was retyped', async () => {
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

    const kept = (rows: Row[], word: string) =>
      rows
        .filter((row) => row['source_object'] === word)
        .map((row) => [row['given_name'], JSON.parse(String(row['attributes']))])
    const rows = await it.parties()
    expect(kept(rows, 'evolve')).toEqual([
      ['Ada', { code: 'a', id: 1, phone: '06' }],
      ['Grace', { code: 'long code', id: 2 }],
      ['E.W.', { code: 'c', id: 3 }],
    ])
    expect(kept(rows, 'freeze').map(([given]) => given)).toEqual(['Ada', 'Grace', 'Edsger'])
    expect(kept(rows, 'discard_row')).toEqual([
      ['Ada', { code: 'a', id: 1 }],
      ['Grace', { code: 'b', id: 2 }],
      ['E.W.', { code: 'c', id: 3 }],
    ])
    expect(kept(rows, 'discard_value')).toEqual([
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
    const all = await it.parties()
    for (const word of WORDS) expect(kept(all, word)[0]).toEqual(['Ada', { code: 'a', id: 1, phone: '06' }])
    expect((await it.plan()).datasets.flatMap((done) => done.contract.changes)).toEqual([])
    expect(await it.faults()).toEqual([])
  })

  test('fault 30: a column that goes: an error before anything is read where it is used, else a warning that stands', async () => {
    const source = await freshPostgres('contract')
    undo.push(source.drop)
    const alike = Object.keys(ALIKE).map((it) => `, "${it}" text default '${ALIKE[it]}'`)
    await source.query(`create table people (id int primary key, name text, fax text${alike.join('')});
      insert into people values (1, 'Ada', 'x'), (2, 'Grace', null)`)
    const files = databaseFiles('postgres', `datasets:\n${datasetYaml('people', '')}`)
    const it = await setUp(name, files, { SHOP_DB_URL: source.url })
    await it.run()
    const [ada] = await it.parties()
    expect(JSON.parse(String(ada!['attributes']))).toEqual({ id: 1, fax: 'x', ...ALIKE })
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

const failed = (code: string) => ({
  status: 'failed',
  failure: 'ContractError',
  commits: 0,
  problem: { code },
})
const warned = (code: string) => ({ status: 'ok', warnings: [{ code }] })

/** What is altered between the look at the columns and the reading, and what comes of it. */
const MIDWAY = [
  { name: 'rename_used', word: 'evolve', alter: 'rename column name to full_name', ends: failed('E321') },
  // Without attributes the reader itself asks for the column.
  {
    name: 'named',
    word: 'evolve',
    alter: 'rename column name to full_name',
    ends: { status: 'failed', commits: 0, problem: { code: 'E405' } },
  },
  { name: 'drop_used', word: 'discard_value', alter: 'drop column name', ends: failed('E321') },
  { name: 'drop_unused', word: 'evolve', alter: 'drop column code', ends: warned('E323') },
  { name: 'drop_frozen', word: 'freeze', alter: 'drop column code', ends: failed('E320') },
  { name: 'add_open', word: 'evolve', alter: "add column fax varchar(9) default '1'", ends: warned('E322') },
  { name: 'add_frozen', word: 'freeze', alter: 'add column fax varchar(9)', ends: failed('E320') },
  {
    name: 'add_row',
    word: 'discard_row',
    alter: "add column fax varchar(9) default '1'",
    ends: { counts: { rejected: 2, loaded: 0 } },
  },
  {
    name: 'add_value',
    word: 'discard_value',
    alter: "add column fax varchar(9) default '1'",
    ends: { counts: { unchanged: 2, loaded: 0 } },
  },
  {
    name: 'retype',
    word: 'evolve',
    alter: { postgres: 'alter code type text', mysql: 'modify code text' },
    ends: warned('E322'),
  },
  {
    name: 'retype_frozen',
    word: 'freeze',
    alter: { postgres: 'alter code type text', mysql: 'modify code text' },
    ends: failed('E320'),
  },
]

describe.each(['postgres', 'mysql'] as const)('%s as the source', (connector) => {
  test('fault 30: tables altered between the look at them and the reading: the word is kept, or the error is clear', async () => {
    const source = await SOURCES[connector]('contract')
    undo.push(source.drop)
    for (const { name } of MIDWAY)
      await source.query(`create table ${name} (id int primary key, name varchar(20), code int);
        insert into ${name} values (1, 'Ada', 1), (2, 'Grace', 2)`)
    const datasets = MIDWAY.map(({ name, word }) =>
      datasetYaml(name, `    contract: ${word}\n`).replace(name === 'named' ? /.*attributes.*\n/ : /$^/, ''),
    )
    const files = databaseFiles(connector, `datasets:\n${datasets.join('')}`)
    const it = await setUp('duckdb', files, { SHOP_DB_URL: source.url })
    // One instance looks at a table once: its second run reads what was altered behind its back.
    const polder = await it.open()
    expect((await it.runOn(polder)).exitCode).toBe(0)
    for (const { name, alter } of MIDWAY)
      await source.query(`alter table ${name} ${typeof alter === 'string' ? alter : alter[connector]}`)
    const second = await it.runOn(polder)
    await polder.close()
    expect(second.exitCode).toBe(4)
    for (const [at, { name, ends }] of MIDWAY.entries()) expect(second.datasets[at], name).toMatchObject(ends)
    const all = await it.parties()
    for (const { name } of MIDWAY) {
      const rows = all.filter((row) => row['source_object'] === name)
      expect(
        rows.map((row) => row['given_name']),
        name,
      ).toEqual(['Ada', 'Grace'])
      const fax = rows.map((row) => JSON.parse(String(row['attributes']))?.fax)
      expect(fax, name).toEqual(name === 'add_open' ? ['1', '1'] : [undefined, undefined])
    }
    expect(await it.faults()).toEqual([])
  })

  test('fault 30: a used column renamed between two runs of one reading stops it, and its place is kept', async () => {
    const source = await SOURCES[connector]('contract')
    undo.push(source.drop)
    const rows = Array.from({ length: 50 }, (_, n) => `(${n}, 'Name ${n}')`).join(', ')
    await source.query(
      `create table people (id int primary key, name varchar(20)); insert into people values ${rows}`,
    )
    const files = databaseFiles(connector, `datasets:\n${datasetYaml('people', '')}`)
    const it = await setUp('duckdb', files, { SHOP_DB_URL: source.url }, 10)
    const stop = new AbortController()
    const cut = await it.run({
      signal: stop.signal,
      onEvent: (event) => event.kind === 'committed' && stop.abort(),
    })
    expect(cut.exitCode).toBe(5)
    const read = cut.counts.read
    expect(read).toBeLessThan(50)
    await source.query('alter table people rename column name to full_name')
    expect((await it.run()).datasets[0]).toMatchObject(failed('E321'))
    await source.query('alter table people rename column full_name to name')
    expect(await it.run()).toMatchObject({ exitCode: 0, counts: { read: 50 - read, loaded: 50 - read } })
    expect((await it.parties()).filter((row) => row['given_name'] === null)).toEqual([])
  })
})

const FILES = {
  'config/connections.yaml': 'exports:\n  connector: files\n  path: ./data\n',
}

const filePipeline = (from: string, contract = 'evolve', attributes = '') => ({
  ...FILES,
  'pipelines/files.yaml': `pipeline: files
connection: exports
datasets:
  people:
    from: ${from}
    key: id
    contract: ${contract}
    to:
      party:
        kind: { is: person }
        given_name: name
${attributes}`,
})

const jsonl = (rows: object[]): string => rows.map((it) => `${JSON.stringify(it)}\n`).join('')
const people = (from: number, to: number, field: string) =>
  Array.from({ length: to - from }, (_, n) => ({ id: from + n, [field]: `Name ${from + n}` }))

test('files whose column is renamed stop before anything is read; one that only some files lost does too', async () => {
  const it = await setUp('duckdb', {
    ...filePipeline('p*.csv'),
    'data/p1.csv': 'id\n0\n',
    'data/p2.csv': 'id,name\n1,Ada\n',
  })
  // A file older than the column is no loss.
  expect(await it.run()).toMatchObject({ exitCode: 0, counts: { loaded: 2 } })
  await it.project.write({ 'data/p3.csv': 'id,full_name\n2,Grace\n' })
  const stopped = await it.run()
  expect(stopped.datasets[0]).toMatchObject(failed('E321'))
  expect(stopped.datasets[0]!.problem!.problem).toContain('"name"')
  expect(await it.parties()).toHaveLength(2)
  expect(await it.run({ acceptSchema: true })).toMatchObject({ exitCode: 0, counts: { loaded: 1 } })
  await it.project.write({ 'data/p2.csv': 'id,full_name\n1,Ada\n' })
  expect((await it.run()).datasets[0]).toMatchObject(failed('E321'))
})

test('JSON lines that lose a used field in their middle stop the reading behind its last commit', async () => {
  const it = await setUp(
    'duckdb',
    { ...filePipeline('p.jsonl'), 'data/p.jsonl': jsonl(people(0, 2000, 'name')) },
    {},
    500,
  )
  expect((await it.run()).exitCode).toBe(0)
  await it.project.write({
    'data/p.jsonl': jsonl([...people(0, 2200, 'name'), ...people(2200, 2600, 'full_name')]),
  })
  const stopped = await it.run()
  expect(stopped).toMatchObject({ exitCode: 4, counts: { read: 2000 } })
  expect(stopped.datasets[0]!.problem!.code).toBe('E321')
  await it.project.write({
    'data/p.jsonl': jsonl([...people(0, 2590, 'name'), ...people(2590, 2600, 'full_name')]),
  })
  const told = await it.run()
  expect(told.exitCode).toBe(0)
  expect(told.datasets[0]!.warnings).toMatchObject([
    { code: 'E323', problem: expect.stringContaining('10 rows') },
  ])
  await it.project.write({ 'data/p.jsonl': jsonl(people(0, 2600, 'full_name')) })
  expect((await it.run()).datasets[0]).toMatchObject(failed('E321'))
  const accepted = await it.run({ acceptSchema: true })
  expect(accepted).toMatchObject({ exitCode: 0, counts: { read: 2600 } })
  expect((await it.parties()).map((row) => row['given_name'])).toEqual(Array(2600).fill(null))
})

test('JSON fields that rows may go without are agreed with --accept-schema', async () => {
  const all = people(0, 1500, 'name')
  const it = await setUp('duckdb', { ...filePipeline('p.jsonl'), 'data/p.jsonl': jsonl(all) })
  await it.run()
  const sparse = jsonl(all.map((row) => (Number(row.id) < 1200 ? row : { id: row.id })))
  await it.project.write({ 'data/p.jsonl': sparse })
  expect((await it.run()).datasets[0]).toMatchObject(failed('E321'))
  expect((await it.run({ acceptSchema: true })).exitCode).toBe(0)
  await it.project.write({ 'data/p.jsonl': `${sparse}\n` })
  expect(await it.run()).toMatchObject({ exitCode: 0, datasets: [{ warnings: [] }] })
})

test('JSON rows that carry a new field are rejected by discard_row, wherever they stand and whatever is mapped', async () => {
  const it = await setUp('duckdb', {
    ...filePipeline('p.jsonl', 'discard_row'),
    'data/p.jsonl': jsonl(people(0, 1500, 'name')),
  })
  expect((await it.run()).exitCode).toBe(0)
  const rows = people(0, 1500, 'name')
  Object.assign(rows[1400]!, { fax: '1', extra: null })
  await it.project.write({ 'data/p.jsonl': jsonl(rows) })
  const second = await it.run()
  expect(second.counts).toMatchObject({ read: 1500, unchanged: 1499, rejected: 1 })
  expect(await it.parties()).toHaveLength(1500)
})
