import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import driver from 'node-sqlite3-wasm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { duckdb as duckdbFiles } from '../../connectors/duckdb/duckdb.ts'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import { files } from '../../connectors/files/files.ts'
import { sqlite } from '../../connectors/sqlite/sqlite.ts'
import type { Connector } from '../../core/connector.ts'
import type { Field } from '../../core/field.ts'
import { readBatches } from '../../sdk/contract/reader-contract.ts'
import { DuckConnection } from '../../warehouses/duckdb/connection.ts'
import { duckdb } from '../../warehouses/duckdb/dialect.ts'
import { reach } from '../../warehouses/duckdb/reach.ts'
import { extensionFolder } from '../support/extensions.ts'
import { delivered, ROWS, type Rows, RUNS, randomRows, rn, SEED, sameOnBothRoads } from './both-roads.ts'
import { emptyEngine } from './engines.ts'
import { COLUMNS, type TestColumn } from './pools.ts'

let root: string
let engine: Awaited<ReturnType<typeof emptyEngine>>

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-in-place-'))
  engine = await emptyEngine('duckdb')
  await engine.connection.run(`set timezone = 'UTC'`)
})
afterAll(async () => {
  await engine.close()
  await rm(root, { recursive: true })
})

const valuesOf = (columns: TestColumn[], rows: Rows): string =>
  rows
    .map((row) => {
      const cells = row.map((it, i) =>
        it === null ? 'null' : `cast(${duckdb.literal(it)} as ${columns[i]!.duckdb})`,
      )
      return `(${cells.join(', ')})`
    })
    .join(', ')

const tableOf = (columns: TestColumn[], rows: Rows): string =>
  `create or replace table source (${columns.map((it) => `${duckdb.quote(it.name)} ${it.duckdb}`).join(', ')});
   insert into source values ${valuesOf(columns, rows)}`

const open = (connector: Connector, path: string) =>
  connector.open({ connection: 'c', root, options: withDefaults(connector, path) })

const withDefaults = ({ options }: Connector, path: string) => ({
  ...Object.fromEntries(
    Object.entries(options).flatMap(([name, it]) =>
      'default' in it && it.default !== undefined ? [[name, it.default]] : [],
    ),
  ),
  path,
  null: '\\N',
})

const SINGLE = COLUMNS.length

test(`Parquet files give in place what they give copied (seed ${SEED})`, async () => {
  const columns = [rn, ...COLUMNS]
  await engine.connection.run(tableOf(columns, randomRows(COLUMNS, SEED)))
  await engine.connection.run(`copy (from source where rn < 30) to '${root}/1.parquet'`)
  await engine.connection.run(
    `copy (select columns(c -> c <> 'b'), b from source where rn >= 30) to '${root}/2.parquet'`,
  )
  const found = await delivered(engine, open(files as Connector, '.'), '*.parquet', columns)
  expect(await sameOnBothRoads(engine, found, columns, SEED)).toBeGreaterThan(SINGLE + RUNS / 3)
}, 120_000)

test(`tables of DuckDB files give in place what they give copied (seed ${SEED})`, async () => {
  const columns = [rn, ...COLUMNS]
  await makeFile(join(root, 'shop.duckdb'), tableOf(columns, randomRows(COLUMNS, SEED)))
  const found = await delivered(engine, open(duckdbFiles as Connector, 'shop.duckdb'), 'source', columns)
  expect(await sameOnBothRoads(engine, found, columns, SEED)).toBeGreaterThan(SINGLE + RUNS / 3)
}, 120_000)

/** All text: the pools of the other types too. */
const TEXTS = COLUMNS.map((it): TestColumn => ({ ...it, type: 'text', postgres: 'text', duckdb: 'VARCHAR' }))
const quoted = (it: string, quote = '"'): string => `${quote}${it.replaceAll(quote, quote + quote)}${quote}`

test(`CSV files give in place what they give copied (seed ${SEED})`, async () => {
  const columns = [{ ...rn, type: 'text' as const }, ...TEXTS]
  const rows = randomRows(TEXTS, SEED)
  const flips = fc.sample(fc.boolean(), { numRuns: ROWS * columns.length, seed: SEED })
  let cells = 0
  // A quote that need not be there, and a NULL beside the same text in quotes.
  const cell = (it: string | null): string => {
    const flip = flips[cells++ % flips.length]
    if (it === null) return '\\N'
    return flip || it === '\\N' || /[",\r\n]/.test(it) ? quoted(it) : it
  }
  const header = columns.map((it) => quoted(it.name)).join(',')
  const text = (some: Rows, end: string) =>
    [header, ...some.map((it) => it.map(cell).join(','))].join(end) + end
  await writeFile(join(root, '1.csv'), text(rows.slice(0, 30), '\n'))
  await writeFile(join(root, '2.csv'), `\uFEFF${text(rows.slice(30), '\r\n')}`)
  const found = await delivered(engine, open(files as Connector, '.'), '*.csv', columns)
  expect(await sameOnBothRoads(engine, found, columns, SEED)).toBeGreaterThan(SINGLE)
}, 120_000)

/** What a CSV file may be made of, by pieces that mean something to a reader. */
const piece = fc.constantFrom(
  'a',
  'b c',
  ',',
  '"',
  '""',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\t',
  '\\',
  '\\N',
  '',
  "'",
  '#',
  ';',
  'é',
  '\uFEFF',
  '\0',
  'x,y\n',
  '1,2\n',
  '"a",b\n',
)

test(`CSV of any kind is read alike, or not in place (seed ${SEED})`, async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom('\\N', ''),
      async (pieces, nullText) => {
        const body = `c1,c2\nfirst,row\n${pieces.join('')}`
        await writeFile(join(root, 'any.csv'), body)
        const connector = files as Connector
        const reader = connector.open({
          connection: 'c',
          root,
          options: { ...withDefaults(connector, '.'), null: nullText },
        })
        const dataset = { ref: 'p.d', from: 'any.csv' }
        const fields: Field[] = (await reader.describe(dataset)).schema.fields
        const address = (await reader.address!(dataset))!
        const reached = await reach(engine.connection, {
          connection: 'c',
          address,
          fields,
          links: true,
          thorough: true,
          dataset: 'p.d',
        }).catch((error) => ({ relation: undefined, because: String(error) }))
        if (reached.relation === undefined) return
        taken += 1
        const batches = await readBatches(reader, dataset)
        const ours = batches.flatMap(({ payload, rows }) =>
          payload.form === 'columns'
            ? Array.from({ length: rows }, (_, i) => payload.columns.map((it) => it[i]))
            : [],
        )
        // The driver drops a mark at the head of a text; the engine has it.
        const hex = (name: string) => `case when ${name} is null then null else hex(${name}) end`
        const theirs = await engine.connection.query(
          `select ${fields.map(({ name }, i) => `${hex(duckdb.quote(name))} as c${i}`).join(', ')} from ${reached.relation}`,
        )
        const ourHex = ours.map((row) =>
          row.map((it) => (it === null ? null : Buffer.from(String(it)).toString('hex').toUpperCase())),
        )
        expect(theirs.map((row) => Object.values(row))).toEqual(ourHex)
      },
    ),
    { numRuns: RUNS * 5, seed: SEED },
  )
  expect(taken).toBeGreaterThan(30)
}, 120_000)

const reached = async (connector: Connector, from: string, more: object = {}, thorough = true) => {
  const options = { ...withDefaults(connector, connector === (files as Connector) ? '.' : from), ...more }
  const reader = connector.open({ connection: 'c', root, options })
  const dataset = { ref: 'p.d', from: connector === (files as Connector) ? from : 't' }
  const { fields } = (await reader.describe(dataset)).schema
  const address = await reader.address!(dataset)
  return reach(engine.connection, {
    connection: 'c',
    address: address!,
    fields,
    links: thorough,
    thorough,
    dataset: 'p.d',
  })
}

test.each([
  ['a field too many', '9,b,\n', {}, 'one.csv:3: The line has 3 fields'],
  ['a field too few', '9\n', {}, 'one.csv:3: The line has 1 fields'],
  ['a quote inside a field', '9,a"b\n', {}, 'one.csv:3: A quote stands where none may stand'],
  ['a blank before a quote', '9, "a"\n', {}, 'one.csv:3: A quote stands where none may stand'],
  ['bytes that are no text', '9,a\xff\n', {}, 'one.csv:3: The line holds bytes'],
  ['a lone return', '9,a\rb\n', {}, 'DuckDB reads the files otherwise'],
  ['another encoding', '9,b\n', { encoding: 'latin1' }, 'DuckDB reads texts in latin1'],
])('CSV with %s is not mapped in place, and says why', async (_, line, options, because) => {
  await writeFile(join(root, 'one.csv'), Buffer.from(`c1,c2\n1,a\n${line}`, 'latin1'))
  const found = await reached(files as Connector, 'one.csv', options)
  expect(found.relation).toBeUndefined()
  expect(found.because).toContain(because)
  expect(found.because).not.toContain('9')
})

test('CSV is measured only where a view was asked for; gzipped, without a header and with other signs it is taken', async () => {
  await writeFile(join(root, 'one.csv.gz'), gzipSync(`1;'a;b'\n2;NULL\n3;'NULL'\n4;\n`))
  const how = { delimiter: ';', quote: "'", header: false, null: 'NULL' }
  expect((await reached(files as Connector, 'one.csv.gz', how, false)).relation).toBeUndefined()
  const { relation, warnings } = await reached(files as Connector, 'one.csv.gz', how)
  expect(await engine.connection.query(`select * from ${relation}`)).toEqual([
    { column_1: '1', column_2: 'a;b' },
    { column_1: '2', column_2: null },
    { column_1: '3', column_2: 'NULL' },
    { column_1: '4', column_2: '' },
  ])
  expect(warnings!.join()).toContain('after the next run')
})

test('JSON, views of another file, and columns of unlike types or with a collation stay with their connector', async () => {
  await writeFile(join(root, 'one.json'), '[{"a": 1}]')
  expect((await reached(files as Connector, 'one.json')).because).toContain('JSON')
  await makeFile(join(root, 'view.duckdb'), 'create view t as select 1 as a')
  expect((await reached(duckdbFiles as Connector, 'view.duckdb')).because).toContain('this is a view')
  await makeFile(join(root, 'collated.duckdb'), 'create table t (a varchar collate nocase, b integer)')
  const collated = await reached(duckdbFiles as Connector, 'collated.duckdb')
  expect(collated.columns!.map((it) => it.stored?.kind)).toEqual([undefined, 'integer'])
  await engine.connection.run(
    `copy (select 1::integer as a, 1.5::decimal(9, 2) as b) to '${root}/x.unlike' (format parquet)`,
  )
  await engine.connection.run(
    `copy (select 1::bigint as a, 1.5::decimal(12, 4) as b) to '${root}/y.unlike' (format parquet)`,
  )
  const unlike = await reached(files as Connector, '*.unlike', { format: 'parquet' })
  expect(unlike.columns!.map((it) => [it.sourceType, it.stored?.kind])).toEqual([
    ['BIGINT', 'integer'],
    ['DECIMAL(9,2) or DECIMAL(12,4)', undefined],
  ])
})

const EXTENSIONS = extensionFolder(['sqlite_scanner'], 'SQLite files in place')

const sqliteFile = async (sql: string) => {
  await rm(join(root, 'shop.db'), { force: true })
  const database = new driver.Database(join(root, 'shop.db'))
  database.exec(sql)
  database.close()
}

test('without the extension, tables of SQLite files stay with their connector, and the next step is said', async () => {
  await sqliteFile('create table t (id integer primary key)')
  const connection = await bareConnection()
  const address = { kind: 'sqlite' as const, paths: [join(root, 'shop.db')], name: 't' }
  const found = await reach(connection, {
    connection: 'c',
    address,
    fields: [],
    links: true,
    thorough: true,
    dataset: 'p.d',
  })
  expect(found.relation).toBeUndefined()
  expect(found.because).toContain('sqlite_scanner is not here')
  expect(found.remedy).toContain('extension_directory')
  await connection.close()
})

async function bareConnection(): Promise<DuckConnection> {
  const folder = join(root, 'no-extensions')
  const settings = { extension_directory: folder, autoinstall_known_extensions: 'false' }
  const instance = await DuckDBInstance.create(':memory:', settings)
  return new DuckConnection(await instance.connect())
}

const SQLITE_TYPES: Record<string, string> = { integer: 'integer', text: 'text', float: 'double' }

test.skipIf(EXTENSIONS === undefined)(
  `tables of SQLite files give in place what they give copied (seed ${SEED})`,
  async () => {
    await engine.connection.run(`set autoinstall_known_extensions = false`)
    await engine.connection.run(`set extension_directory = ${duckdb.literal(EXTENSIONS!)}`)
    const own = COLUMNS.filter(({ type }) => type in SQLITE_TYPES)
    const columns = [rn, ...own]
    const cells = randomRows(own, SEED).map((row) => {
      const values = row.map((it, i) => {
        if (it === null) return 'null'
        return columns[i]!.type === 'text' ? duckdb.literal(it) : it
      })
      return `(${values.join(', ')})`
    })
    const declared = columns.map((it) => `${duckdb.quote(it.name)} ${SQLITE_TYPES[it.type]}`)
    await sqliteFile(`create table t (${declared.join(', ')}); insert into t values ${cells.join(', ')}`)
    const found = await delivered(engine, open(sqlite as Connector, 'shop.db'), 't', columns)
    expect(found.reached.columns!.every((it) => it.stored !== undefined)).toBe(true)
    expect(await sameOnBothRoads(engine, found, columns, SEED)).toBeGreaterThan(own.length)

    await sqliteFile(`create table t (id integer primary key, d date, n numeric, s text, b);
      insert into t values (1, '2026-01-01', 1.5, 'a', 'x'), (2, null, 9007199254740993, cast(x'ff' as text), 1)`)
    const unlike = await reached(sqlite as Connector, 'shop.db')
    expect(unlike.columns!.map((it) => it.stored?.kind)).toEqual([
      'integer',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  },
)
