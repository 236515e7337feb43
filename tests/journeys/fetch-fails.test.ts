import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../core/errors.ts'
import { copyStand } from '../support/copies.ts'
import { freshMysql, freshPostgres, type TestDatabase, uniqueName } from '../support/databases.ts'
import { extensionFolder } from '../support/extensions.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { type TestWarehouse, warehouseAt } from '../support/warehouse.ts'

const ROWS = 300
const SECRET = 'ada@secret.example'

const TABLES = {
  postgres: `create table customers (customer_id bigint primary key, name text);
insert into customers select n, 'Ada ' || n from generate_series(1, ${ROWS}) n`,
  mysql: `create table customers (customer_id bigint primary key, name text);
insert into customers select seq, concat('Ada ', seq) from seq_1_to_${ROWS}`,
}

const pipeline = (name: string) => `pipeline: shop
connection: source
datasets:
  customers:
    from: ${name === 'postgres' ? 'public.' : ''}customers
    load: copy
    to:
      party:
        kind: { is: person }
        full_name: name
`

const told = (warnings: Problem[]) => warnings.filter((it) => it.code === 'E343')

let source: TestDatabase
let project: TestProject
let warehouse: TestWarehouse
/** Whose rows a policy guards. */
let account: string | undefined
const { polder, run, shown } = copyStand(() => ({ project, warehouse }))

async function begin(name: 'postgres' | 'mysql', folder: string): Promise<void> {
  source = name === 'postgres' ? await freshPostgres('shop') : await freshMysql('shop')
  await source.query(TABLES[name])
  project = await emptyProject({ SOURCE_URL: source.url })
  warehouse = warehouseAt(join(project.root, 'data', 'warehouse.duckdb'))
  await project.write({
    'data/.keep': '',
    'polder.yaml': `${warehouse.yaml}  extension_directory: ${folder}\ntimezone: UTC\ncommit:\n  rows: 60\n`,
    'config/connections.yaml': `source:\n  connector: ${name}\n  url: \${env:SOURCE_URL}\n`,
    'pipelines/shop.yaml': pipeline(name),
  })
}
afterEach(async () => {
  await project.remove()
  if (account !== undefined) await source.query(`drop owned by ${account}; drop role ${account}`)
  account = undefined
  await source.drop()
})

test.each(['postgres', 'mysql'] as const)(
  'an extension that is not where it should be is told by run and plan: %s',
  async (name) => {
    await begin(name, './data')
    const [planned] = (await polder((it) => it.plan([]))).problems
    expect(planned).toMatchObject({ code: 'E343', severity: 'warning' })
    const { road, counts, warnings } = await run()
    expect({ road, read: counts.read }).toEqual({ road: 'stream', read: ROWS })
    expect(told(warnings)).toEqual([planned])
    expect(planned!.problem).toContain(
      `"shop.customers" by itself: DuckDB's extension ${name}_scanner is not here`,
    )
    expect(planned!.remedy).toContain('extension_directory')
    const byRow = pipeline(name).replace('load:', 'contract: discard_row\n    load:')
    await project.write({ 'pipelines/shop.yaml': byRow })
    expect(told((await polder((it) => it.plan([]))).problems)).toEqual([])
  },
)

const folder = extensionFolder(['postgres_scanner'], 'warnings of fetches that fail')

describe.skipIf(folder === undefined)('where PostgreSQL ends what the extension asks', () => {
  beforeEach(async () => {
    await begin('postgres', folder!)
    account = uniqueName('reader')
    await source.query(
      `create role ${account} login password 'pass-${account}'; grant select on customers to ${account}`,
    )
    project.env['SOURCE_URL'] = source.url.replace(/\/\/[^@]*@/, `//${account}:pass-${account}@`)
  })
  /** Of the connector's reading it keeps nothing; of a COPY in binary form, as the extension reads, what `body` says. */
  const guardedBy = (body: string) =>
    source.query(`create function seen(id bigint) returns boolean language plpgsql as $$ begin
        if current_query() ~* 'format "binary"' then ${body}; end if; return true; end $$;
      alter table customers enable row level security;
      create policy readers on customers using (seen(customer_id))`)

  test.each([
    [
      'with an error that holds a value, after some rows',
      `if id = 200 then raise exception '${SECRET}'; end if`,
      'DuckDB IO Error. They',
    ],
    [
      'with an error that names what is missing',
      `raise exception 'canceling statement due to statement timeout'`,
      'DuckDB IO Error: canceling statement due to statement timeout. They',
    ],
    [
      'before the end, without an error',
      `return id % 60 > 0 or current_query() ~ 'select 1 as one'`,
      'postgres_scanner gave only some of the rows. They',
    ],
  ])('%s, that is told once, without data, and every row arrives', async (_, body, reason) => {
    await guardedBy(body)
    const done = await run()
    expect(done).toMatchObject({ road: 'pushdown', counts: { read: ROWS, loaded: ROWS } })
    expect((await shown())[0]).toHaveLength(ROWS)
    const [warning, ...more] = told(done.warnings)
    expect(more).toEqual([])
    expect(warning!.problem).toContain('"shop.customers" by itself')
    expect(warning!.problem).toContain(reason)
    expect(JSON.stringify(done)).not.toContain(SECRET)
    const stored = await polder((it) => it.runs({ limit: 1 }))
    expect(told(stored[0]!.datasets[0]!.warnings)).toMatchObject([{ problem: warning!.problem }])
  })

  test('a copy that goes well tells nothing', async () => {
    await guardedBy('null')
    expect(told((await run()).warnings)).toEqual([])
  })
})
