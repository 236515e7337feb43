import { afterEach, describe, expect, test } from 'vitest'
import type { Row } from '../../../core/value.ts'
import { freshMysql, freshPostgres } from '../../support/databases.ts'
import { seededRandom, testSeed } from '../../support/kill.ts'
import { counterFaults } from '../../support/oracle.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { listRejects, runReport, told } from '../../support/report.ts'
import {
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
} from '../../support/warehouse.ts'

const seed = testSeed()
console.info(`faults 21, 22, 34–36: POLDER_TEST_SEED=${seed}`)

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Source {
  connector: 'postgres' | 'mysql' | 'files'
  url?: string
  files?: Record<string, string>
}

const pipeline = (dataset: string, mapping: string) => `pipeline: odd
connection: source
datasets:
  people:
${dataset}
    to:
      party:
        kind: { is: person }
${mapping}
`

/** The same source loaded into all three warehouses: what each holds, which must be the same. */
async function inAllThree(
  source: Source,
  text: string,
  check: (project: TestProject, warehouse: TestWarehouse) => Promise<void> = async () => {},
): Promise<Row[]> {
  const found: Row[][] = []
  for (const name of WAREHOUSES) {
    const warehouse = await freshWarehouse(name)
    const option = source.url ? 'url: ${env:SOURCE_URL}' : 'path: ./data'
    const project = await warehouseProject(
      warehouse,
      {
        'config/connections.yaml': `source:\n  connector: ${source.connector}\n  ${option}\n`,
        'pipelines/odd.yaml': text,
        ...source.files,
      },
      { env: source.url ? { SOURCE_URL: source.url } : {} },
    )
    cleanups.push(warehouse.drop, project.remove)
    const answer = await runReport(project)
    expect([0, 3], told(answer)).toContain(answer.exitCode)
    await check(project, warehouse)
    await inWarehouse(warehouse, async (session) => {
      expect(await counterFaults(session)).toEqual([])
      found.push(await unifiedRows(session, 'party'))
    })
  }
  for (const other of found.slice(1)) expect(other).toEqual(found[0])
  return found[0]!
}

const shuffled = <T>(items: T[], random: () => number): T[] => {
  const left = [...items]
  for (let i = left.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[left[i], left[j]] = [left[j]!, left[i]!]
  }
  return left
}

const jsonl = (rows: object[]) => ({
  'data/people.jsonl': `${rows.map((it) => JSON.stringify(it)).join('\n')}\n`,
})

test('fault 21: rows without a key are rejected, of equal keys the newest is kept, composite keys are told apart', async () => {
  const source = await freshPostgres('odd')
  cleanups.push(source.drop)
  await source.query(`create table people (a text, b text, name text, at timestamptz);
    insert into people select 'a' || n, 'b', 'Person ' || n, '2024-01-01' from generate_series(1, 200) n;
    insert into people values ('x|y', 'z', 'first', '2024-01-01'), ('x', 'y|z', 'second', '2024-01-01'),
      ('twice', 'same', 'older', '2024-01-01'), ('twice', 'same', 'newer', '2024-02-01'),
      (null, 'b', 'no key', '2024-01-01'), ('a', null, 'half a key', '2024-01-01')`)
  const dataset = '    from: public.people\n    key: [a, b]\n    cursor: at'
  const rows = await inAllThree(
    { connector: 'postgres', url: source.url },
    pipeline(dataset, '        full_name: name'),
    async (project) => {
      const rejects = await listRejects(project)
      expect(rejects.map((it) => it.sourceId)).toEqual(['', ''])
    },
  )
  const names = rows.map((it) => it['full_name'])
  expect(rows).toHaveLength(203)
  expect(names).toEqual(expect.arrayContaining(['first', 'second', 'newer']))
  for (const gone of ['older', 'no key', 'half a key']) expect(names).not.toContain(gone)
})

test('fault 22: versions that arrive in any order leave the newest', async () => {
  const random = seededRandom(seed)
  const source = await freshPostgres('odd')
  cleanups.push(source.drop)
  const versions = Array.from({ length: 300 }, (_, i) => [i % 60, Math.floor(i / 60)] as const)
  const insert = (some: (readonly [number, number])[]) =>
    source.query(`truncate people; insert into people values
      ${some.map(([id, n]) => `(${id}, 'version ${n}', timestamptz '2026-01-01' + ${n} * interval '1 day')`).join(', ')}`)
  await source.query('create table people (id int, name text, at timestamptz)')
  await insert(shuffled(versions, random))
  const dataset = '    from: public.people\n    key: id\n    cursor: at'
  const rows = await inAllThree(
    { connector: 'postgres', url: source.url },
    pipeline(dataset, '        full_name: name'),
    async (project) => {
      // A restored backup brings an older version once more, alone.
      await insert(versions.filter(([, n]) => n === 1))
      const { result } = await runReport(project, ['--full'])
      expect(result.counts).toMatchObject({ read: 60, superseded: 60, loaded: 0 })
      await insert(shuffled(versions, random))
    },
  )
  expect(rows).toHaveLength(60)
  expect(new Set(rows.map((it) => it['full_name']))).toEqual(new Set(['version 4']))
})

test('fault 34: text of any kind is the same in all three warehouses', async () => {
  const texts = [
    'na\u0000ul',
    '\ufeffwith a mark',
    '\ud800 alone',
    'pair \ud83d\ude00',
    'e\u0301',
    'é',
    '\u202eback',
    ' \t blanks ',
    'qu\'o"te\\',
    '\u2028line',
  ]
  const rows = texts.map((name, id) => ({ id, name }))
  const found = await inAllThree(
    { connector: 'files', files: jsonl(rows) },
    pipeline('    from: people.jsonl\n    key: id', '        full_name: name'),
    async (project) => {
      const rejects = await listRejects(project)
      expect(rejects.map((it) => it.sourceId)).toEqual(['0', '2'])
    },
  )
  expect(found).toHaveLength(texts.length - 2)
  const nameOf = (id: number) => found.find((it) => it['id'] === `odd:people:${id}`)!['full_name']
  expect(nameOf(3)).toBe('pair 😀')
  expect(String(nameOf(4)) === String(nameOf(5))).toBe(false)
})

describe('numbers and instants', () => {
  const mapping = `        full_name: name
        birth_date:
          from: born
          invalid: missing
        attributes: { amount: amount, wide: wide }`

  test('fault 35: long numbers arrive with every digit', async () => {
    const source = await freshPostgres('odd')
    cleanups.push(source.drop)
    await source.query(`create table people (id int primary key, name text, born text, amount numeric(38, 10), wide bigint);
      insert into people values (1, 'a', null, 1234567890123456789012345678.0123456789, 9007199254740993),
        (2, 'b', null, -0.0000000001, -9223372036854775808), (3, 'c', null, 0, 9223372036854775807)`)
    const rows = await inAllThree(
      { connector: 'postgres', url: source.url },
      pipeline('    from: public.people', mapping),
    )
    expect(JSON.stringify(rows)).toContain('1234567890123456789012345678.0123456789')
    for (const digits of ['9007199254740993', '-9223372036854775808', '9223372036854775807'])
      expect(JSON.stringify(rows)).toContain(digits)
  })

  test('fault 36: dates that are none become NULL and are counted where the column says so', async () => {
    const source = await freshMysql('odd')
    cleanups.push(source.drop)
    await source.query(`set sql_mode = ''; create table people (id int primary key, name text, born date, amount double, wide bigint);
      insert into people values (1, 'a', '0000-00-00', 1.5, 1), (2, 'b', '2026-00-00', -0.0, 2), (3, 'c', '0001-01-01', 1e308, 3),
        (4, 'd', '9999-12-31', 5e-324, 4)`)
    const rows = await inAllThree(
      { connector: 'mysql', url: source.url },
      pipeline('    from: people', mapping),
      async (_, warehouse) => {
        const counted = await inWarehouse(warehouse, (session) =>
          session.query<{ n: string }>(
            `select sum(changed) as n from ${session.dialect.relation(session.internal, 'changes')} where column_name = 'birth_date'`,
          ),
        )
        expect(Number(counted[0]!.n)).toBe(3)
      },
    )
    expect(rows.map((it) => it['birth_date'])).toEqual([null, null, null, '9999-12-31'])
  })

  test('fault 36: NaN and infinities are rejected where a number is wanted, and kept as their words in free attributes', async () => {
    const source = await freshPostgres('odd')
    cleanups.push(source.drop)
    await source.query(`create table orders (id int primary key, amount float8, ratio numeric);
      insert into orders values (1, 1.5, 2), (2, 'NaN', 2), (3, 'Infinity', 2), (4, '-Infinity', 2), (5, 1, 'NaN')`)
    const orders = `pipeline: odd
connection: source
datasets:
  orders:
    from: public.orders
    to:
      party:
        kind: { is: person }
        attributes: { amount: amount, ratio: ratio }
  strict:
    from: public.orders
    to:
      sales_order:
        kind: { is: order }
        number: id
        net: amount
        attributes: { ratio: ratio }
`
    const rows = await inAllThree(
      { connector: 'postgres', url: source.url },
      orders,
      async (project, warehouse) => {
        const rejects = await listRejects(project)
        expect(rejects.map((it) => `${it.sourceId} ${it.code}`).sort()).toEqual([
          '2 E509',
          '3 E509',
          '4 E509',
        ])
        const loaded = await inWarehouse(warehouse, (session) => unifiedRows(session, 'sales_order'))
        expect(loaded.map((it) => [it['number'], it['net'], it['attributes']])).toEqual([
          ['1', '1.5000', '{"ratio":2}'],
          ['5', '1.0000', '{"ratio":"NaN"}'],
        ])
      },
    )
    expect(rows.map((it) => JSON.parse(String(it['attributes'])).amount)).toEqual([
      1.5,
      'NaN',
      'Infinity',
      '-Infinity',
      1,
    ])
  })

  test('fault 36: dates without end, and those that no calendar has, are rejected', async () => {
    const source = await freshPostgres('odd')
    cleanups.push(source.drop)
    await source.query(`create table people (id int primary key, name text, born date);
      insert into people values (1, 'fine', '2000-01-01'), (2, 'forever', 'infinity'), (3, 'before', '-infinity'),
        (4, 'far', '10000-01-01'), (5, 'bc', '0044-03-15 BC')`)
    const rows = await inAllThree(
      { connector: 'postgres', url: source.url },
      pipeline('    from: public.people', '        full_name: name\n        birth_date: born'),
      async (project) => expect(await listRejects(project)).toHaveLength(4),
    )
    expect(rows.map((it) => it['full_name'])).toEqual(['fine'])
  })
})
