import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import { freshPostgres } from '../support/databases.ts'
import { testSeed } from '../support/kill.ts'
import { FLAWLESS, judge, type Truth } from '../support/oracle.ts'
import { warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const HISTORIES = Number(process.env.POLDER_TEST_HISTORIES ?? 12)
const KEYS = 9

/** Deleted rows mark themselves, or they leave `where` or are just gone: then keys are compared. */
const SETTINGS = {
  marked: '    deletes: gone',
  scanned: '    where: $not(gone)\n    deletes: scan',
}

const files = (settings: keyof typeof SETTINGS) => ({
  'config/connections.yaml': 'shop_db:\n  connector: postgres\n  url: ${env:SHOP_DB_URL}\n',
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  people:
    from: people
    cursor: updated_at
${SETTINGS[settings]}
    to:
      party:
        kind: { is: person }
        given_name: name
      identifier:
        - as: email
          type: { is: email }
          value: email
`,
})

/** Marks are cut to whole seconds, so that many rows tie; keys are few, so that rows change often. */
const MARK = `date_trunc('second', clock_timestamp())`

/** Of a transaction that began before the others and ends after them. */
const LATE_MARK = `${MARK} - interval '3 seconds'`

type Step =
  | { do: 'write'; keys: number[]; name: string; email: boolean }
  | { do: 'delete'; keys: number[] }
  /** Only where keys are compared. */
  | { do: 'purge'; keys: number[] }
  | { do: 'rekey'; from: number; to: number }
  /** Written now, committed after the next run. */
  | { do: 'late'; key: number; name: string }
  | { do: 'run'; commitRows: number }

/** Something is there to be changed and deleted. */
const BEFORE: Step[] = [
  { do: 'write', keys: [1, 2, 3, 4, 5, 6, 7], name: 'Ada', email: true },
  { do: 'run', commitRows: 3 },
]

const keys = fc.uniqueArray(fc.integer({ min: 1, max: KEYS }), { minLength: 1, maxLength: 5 })
const name = fc.constantFrom('Ada', 'Grace', 'Edsger', 'Žofie', '')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), keys, name, email: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), keys }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purge' as const), keys }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rekey' as const),
      from: fc.integer({ min: 1, max: KEYS }),
      to: fc.integer({ min: 1, max: KEYS }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('late' as const), key: fc.constant(KEYS + 1), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('run' as const), commitRows: fc.integer({ min: 1, max: 7 }) }),
  },
)

test.each(WAREHOUSES)(
  '%s: whatever happens at the source, after the last run the warehouse says the same',
  async (kind) => {
    const seed = testSeed()
    console.info(`${kind}: POLDER_TEST_SEED=${seed}`)
    const property = fc.asyncProperty(
      fc.constantFrom('marked' as const, 'scanned' as const, 'scanned' as const),
      fc.array(step, { minLength: 3, maxLength: 14 }),
      (settings, steps) => replay(kind, settings, [...BEFORE, ...steps]),
    )
    await fc.assert(property, { seed, numRuns: HISTORIES, endOnFailure: true })
  },
)

async function replay(
  kind: (typeof WAREHOUSES)[number],
  settings: keyof typeof SETTINGS,
  steps: Step[],
): Promise<void> {
  const source = await freshPostgres('history')
  const warehouse = await freshWarehouse(kind)
  const project = await warehouseProject(warehouse, files(settings), { env: { SHOP_DB_URL: source.url } })
  const late = new pg.Client(source.url)
  await late.connect()
  let open = false
  const settle = async () => {
    if (open) await late.query('commit')
    open = false
  }
  const run = async (commitRows: number) => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    polder.project.commit.rows = commitRows
    const options = {
      full: false,
      allowShrink: true,
      signal: new AbortController().signal,
      onEvent: () => {},
    }
    const report = await polder.run([], options).finally(() => polder.close())
    expect(report.status).toBe('ok')
  }
  try {
    await source.query(
      'create table people (id int primary key, name text, email text, gone boolean not null, updated_at timestamptz not null)',
    )
    for (const it of steps) {
      if (it.do === 'write') await source.query(writeSql(it.keys, it.name, it.email))
      if (it.do === 'delete') {
        await source.query(
          `update people set gone = true, updated_at = ${MARK} where id in (${it.keys.join(', ')})`,
        )
      }
      if (it.do === 'purge' && settings === 'scanned')
        await source.query(`delete from people where id in (${it.keys.join(', ')})`)
      if (it.do === 'rekey' && settings === 'scanned') await source.query(rekeySql(it.from, it.to))
      if (it.do === 'late' && !open) {
        open = true
        await late.query('begin')
        await late.query(writeSql([it.key], it.name, true, LATE_MARK))
      }
      if (it.do === 'run') {
        await run(it.commitRows)
        await settle()
      }
    }
    await settle()
    await run(3)
    const truth = await truthOf(source.query)
    await inWarehouse(warehouse, async (session) => expect(await judge(session, truth)).toEqual(FLAWLESS))
  } finally {
    await late.end()
    await project.remove()
    await warehouse.drop()
    await source.drop()
  }
}

const writeSql = (ids: number[], given: string, email: boolean, mark = MARK): string =>
  ids
    .map((id) => `(${id}, '${given}', ${email ? `'${id}@example.org'` : 'null'}, false, ${mark})`)
    .join(', ')
    .replace(/^/, 'insert into people values ') +
  ` on conflict (id) do update set name = excluded.name, email = excluded.email, gone = false, updated_at = excluded.updated_at`

const rekeySql = (from: number, to: number): string =>
  `update people set id = ${to}, updated_at = ${MARK} where id = ${from}
     and not exists (select 1 from people where id = ${to})`

async function truthOf(query: (sql: string) => Promise<Record<string, string | null>[]>): Promise<Truth> {
  const rows = await query('select * from people where not gone')
  const id = (it: Record<string, string | null>) => `shop:people:${it['id']}`
  return {
    party: new Map(rows.map((it) => [id(it), { id: id(it), kind: 'person', given_name: it['name']! }])),
    identifier: new Map(
      rows
        .filter((it) => it['email'] !== null)
        .map((it) => [`${id(it)}#email`, { id: `${id(it)}#email`, party_id: id(it), value: it['email']! }]),
    ),
  }
}
