import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshPostgres, type TestDatabase } from '../../tests/support/databases.ts'
import type { Raw } from '../sql-types.ts'
import { connect, cursorRows } from './connection.ts'
import { copyRows } from './copy.ts'

let database: TestDatabase
let settings: Parameters<typeof connect>[0]
beforeAll(async () => {
  database = await freshPostgres('copy')
  const { hostname, port, username } = new URL(database.url)
  const address = { host: hostname, port: Number(port), user: username, database: database.name }
  settings = { address: { ...address, ssl: false }, statementTimeoutSeconds: 0 }
})
afterAll(() => database?.drop())

async function all(rows: AsyncIterable<Raw[][]>): Promise<Raw[][]> {
  const found: Raw[][] = []
  for await (const some of rows) found.push(...some)
  return found
}

/** The same rows by both roads. */
async function both(sql: string): Promise<[Raw[][], Raw[][]]> {
  const client = await connect(settings)
  try {
    return [await all(copyRows(client, sql)), await all(cursorRows(client, { sql, binds: [] }))]
  } finally {
    await client.end()
  }
}

const awkward = fc.array(
  fc.constantFrom(
    '\\',
    '\\N',
    '\\.',
    'N',
    '\t',
    '\n',
    '\r',
    '\b',
    '\f',
    '\v',
    'a',
    'é',
    '😀',
    '"',
    ' ',
    '{',
    ',',
  ),
  { maxLength: 8 },
)
const field = fc.option(
  awkward.map((parts) => parts.join('')),
  { nil: null },
)
const literal = (text: string | null): string => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`)

test('COPY gives what a cursor gives, whatever characters a text holds', async () => {
  const table = fc.array(fc.tuple(field, field, fc.array(field, { maxLength: 3 })), {
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const values = rows.map(
        ([a, b, list]) => `(${literal(a)}, ${literal(b)}, array[${list.map(literal).join(', ')}]::text[])`,
      )
      const sql = `select * from (values ${values.join(', ')}) as t (a, b, c)`
      const [copied, fetched] = await both(sql)
      expect(copied).toEqual(fetched)
      expect(copied.map((it) => it.slice(0, 2))).toEqual(rows.map(([a, b]) => [a, b]))
    }),
    { numRuns: 60 },
  )
})

test('COPY gives what a cursor gives for rows larger than what the network brings at once', async () => {
  const [copied, fetched] = await both(
    `select i, repeat('é\\' || chr(9) || i, 70000), null::text, '' from generate_series(1, 9) i`,
  )
  expect(copied).toHaveLength(9)
  expect(copied).toEqual(fetched)
})

test('no column and no row are nothing by both roads', async () => {
  expect(await both('select 1 where false')).toEqual([[], []])
})
