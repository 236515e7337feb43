import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../core/value.ts'
import { freshMysql, freshPostgres, loadSql, type TestDatabase } from '../support/databases.ts'
import { counterFaults } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runReport, told } from '../support/report.ts'
import { CHECKOUT } from '../support/source-files.ts'
import { unifiedTables } from '../support/unified.ts'
import {
  digest,
  freshWarehouse,
  inWarehouse,
  type TableDigest,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
  writtenBy,
} from '../support/warehouse.ts'

/** Public data sets that are too large for this repository; they lie beside the checkout where they were fetched. */
const DATA = join(CHECKOUT, '..', 'shared', 'data')
const PROJECTS = join(CHECKOUT, 'tests', 'journeys', 'projects')
const isHere = existsSync(DATA)
if (!isHere) console.info('skipped: ../shared/data is not here')

/** A data set on its road: where it comes from, and what happens to it at the source. */
interface Journey {
  name: string
  /** One source for all three projects, or files in each project's own folder. */
  source: 'shared' | 'own'
  /** Makes the source ready. @returns what the project's connections need */
  prepare(): Promise<{ env: Record<string, string>; drop(): Promise<void> }>
  /** Brings the project's own files to it. */
  furnish(project: TestProject): Promise<void>
  /** A day at the source, and how its rows must look afterwards. */
  day(project: TestProject): Promise<DayAtTheSource>
  /** What is known of the data beforehand. */
  check(rows: Record<string, Row[]>): void
}

interface DayAtTheSource {
  /** Ids that must be gone, new, or carry this text, by unified table. */
  gone: [table: string, id: string][]
  added: [table: string, id: string][]
  changed: [table: string, id: string, text: string][]
}

let northwindDb: TestDatabase
const northwind: Journey = {
  name: 'northwind',
  source: 'shared',
  async prepare() {
    northwindDb = await freshPostgres('northwind')
    await loadSql(northwindDb.url, join(DATA, 'sql/northwind/northwind-postgres.sql'))
    return { env: sourceEnv('northwind', northwindDb.url), drop: northwindDb.drop }
  },
  furnish: async () => {},
  async day() {
    await northwindDb.query(`
      update customers set company_name = 'Alfreds Nieuwe Naam' where customer_id = 'ALFKI';
      insert into customers (customer_id, company_name, contact_name) values ('ZZZZZ', 'Zuiderzee', 'Zeeger Zee');
      delete from order_details where order_id = 10248 and product_id = 11`)
    return {
      gone: [['order_line', 'northwind:order_details:10248|11']],
      added: [['party', 'northwind:customers:ZZZZZ#contact']],
      changed: [['party', 'northwind:customers:ALFKI#company', 'Alfreds Nieuwe Naam']],
    }
  },
  check({ order_line: lines = [], sales_order: orders = [] }) {
    expect(orders.length).toBe(830)
    expect(lines.length).toBe(2_155)
    const tenThousandths = lines.reduce((sum, it) => sum + BigInt(String(it['net']).replace('.', '')), 0n)
    expect((Number(tenThousandths) / 10_000).toFixed(2)).toBe('1265793.04')
  },
}

let sakilaDb: TestDatabase
const sakila: Journey = {
  name: 'sakila',
  source: 'shared',
  async prepare() {
    sakilaDb = await freshMysql('sakila')
    await loadSql(sakilaDb.url, join(DATA, 'sql/sakila/sakila-mysql-schema.sql'), 'sakila')
    await loadSql(sakilaDb.url, join(DATA, 'sql/sakila/sakila-mysql-data.sql'), 'sakila')
    return { env: sourceEnv('sakila', sakilaDb.url), drop: sakilaDb.drop }
  },
  furnish: async () => {},
  async day() {
    // Copy 5 was never rented, so nothing points to it.
    await sakilaDb.query(`
      delete from inventory where inventory_id = 5;
      update customer set last_name = 'VAN DER NIEUW' where customer_id = 1;
      insert into customer (customer_id, store_id, first_name, last_name, address_id, create_date)
        values (9001, 1, 'ZEEGER', 'ZEE', 5, now())`)
    return {
      gone: [['product', 'sakila:copies:5']],
      added: [['party', 'sakila:customers:9001']],
      changed: [['party', 'sakila:customers:1', 'VAN DER NIEUW']],
    }
  },
  check: ({ party = [] }) => expect(party.length).toBeGreaterThanOrEqual(599),
}

const completeJourney: Journey = {
  name: 'complete-journey',
  source: 'own',
  prepare: async () => ({ env: {}, drop: async () => {} }),
  async furnish(project) {
    await mkdir(join(project.root, 'data'), { recursive: true })
    await cp(join(DATA, 'clv/complete-journey'), join(project.root, 'data'), { recursive: true })
  },
  async day(project) {
    const file = join(project.root, 'data', 'demographics.csv.gz')
    const [header, first, second, ...rest] = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n')
    const added = second!.replace(/^\d+/, '990001')
    await writeFile(file, gzipSync(`${[header, second, ...rest, added].join('\n')}\n`))
    const id = (line: string) => `grocer:demographics:${line.split(',')[0]}`
    return { gone: [['party', id(first!)]], added: [['party', id(added)]], changed: [] }
  },
  check: ({ party = [] }) => expect(party.length).toBeGreaterThanOrEqual(801),
}

describe.skipIf(!isHere).each([northwind, sakila, completeJourney])('$name', (journey) => {
  const stands: { warehouse: TestWarehouse; project: TestProject }[] = []
  let source: Awaited<ReturnType<Journey['prepare']>>

  beforeAll(async () => {
    source = await journey.prepare()
    for (const name of WAREHOUSES) {
      const warehouse = await freshWarehouse(name)
      const project = await warehouseProject(
        warehouse,
        {},
        { copyOf: join(PROJECTS, journey.name), env: source.env },
      )
      stands.push({ warehouse, project })
      await journey.furnish(project)
    }
  })
  afterAll(async () => {
    for (const { warehouse, project } of stands) {
      await project.remove()
      await warehouse.drop()
    }
    await source?.drop()
  })

  test('the same rows in all three warehouses', async () => {
    const digests: Record<string, TableDigest>[] = []
    for (const { warehouse, project } of stands) {
      const answer = await runReport(project)
      expect(answer.exitCode, told(answer)).toBe(0)
      const rows = await allRows(warehouse)
      journey.check(rows)
      digests.push(Object.fromEntries(Object.entries(rows).map(([table, it]) => [table, digest(it)])))
      expect(await inWarehouse(warehouse, counterFaults)).toEqual([])
    }
    const [first, ...others] = digests
    console.info(`${journey.name}\n${digestText(first!)}`)
    expect(Object.keys(first!).length).toBeGreaterThan(2)
    for (const other of others) expect(other).toEqual(first)
  })

  test('a second run over an unchanged source writes no business row', async () => {
    for (const { warehouse, project } of stands) {
      const before = await allWritten(warehouse)
      const answer = await runReport(project)
      expect(answer.exitCode, told(answer)).toBe(0)
      expect(answer.result.counts).toMatchObject({ loaded: 0, rejected: 0 })
      expect(await allWritten(warehouse)).toEqual(before)
    }
  })

  test('what the source adds, changes and deletes arrives with the next run', async () => {
    const before = await Promise.all(stands.map((it) => allRows(it.warehouse)))
    let day: DayAtTheSource | undefined
    for (const [i, { warehouse, project }] of stands.entries()) {
      if (day === undefined || journey.source === 'own') day = await journey.day(project)
      for (const [table, id] of day.gone) expect(ids(before[i]!, table)).toContain(id)
      for (const [table, id] of day.added) expect(ids(before[i]!, table)).not.toContain(id)

      const answer = await runReport(project)
      expect(answer.exitCode, told(answer)).toBe(0)
      const after = await allRows(warehouse)
      for (const [table, id] of day.gone) expect(ids(after, table)).not.toContain(id)
      for (const [table, id] of day.added) expect(ids(after, table)).toContain(id)
      for (const [table, id, text] of day.changed) {
        const row = after[table]!.find((it) => it['id'] === id)
        expect(JSON.stringify(row)).toContain(text)
      }
    }
  })
})

const ids = (rows: Record<string, Row[]>, table: string) => (rows[table] ?? []).map((it) => it['id'])

/** Every `${env:…}` that the project's connections ask for is the one source. */
function sourceEnv(name: string, url: string): Record<string, string> {
  const folder = join(PROJECTS, name, 'config')
  const text = readdirSync(folder)
    .map((it) => readFileSync(join(folder, it), 'utf8'))
    .join('\n')
  return Object.fromEntries([...text.matchAll(/\$\{env:(\w+)\}/g)].map((match) => [match[1], url]))
}

function allRows(warehouse: TestWarehouse): Promise<Record<string, Row[]>> {
  return inWarehouse(warehouse, async (session) => {
    const rows: Record<string, Row[]> = {}
    for (const { name } of unifiedTables) {
      const found = await unifiedRows(session, name)
      if (found.length > 0) rows[name] = found
    }
    return rows
  })
}

function allWritten(warehouse: TestWarehouse): Promise<Record<string, Map<string, string>>> {
  return inWarehouse(warehouse, async (session) => {
    const written: Record<string, Map<string, string>> = {}
    for (const { name } of unifiedTables) written[name] = await writtenBy(session, name)
    return written
  })
}

const digestText = (digests: Record<string, TableDigest>): string =>
  Object.entries(digests)
    .map(([table, { rows, sha256, filled }]) => {
      const some = Object.entries(filled).filter(([, count]) => count > 0)
      return `  ${table}: ${rows} rows, sha256 ${sha256}\n    ${some.map((it) => it.join(' ')).join(', ')}`
    })
    .join('\n')
