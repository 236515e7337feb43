import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connector, SourceReader } from '../../core/connector.ts'
import type { Value } from '../../core/value.ts'
import { readerContract } from '../../sdk/contract/reader-contract.ts'
import type { TestDatabase } from './databases.ts'

export const ROWS = 12
const rows = Array.from({ length: ROWS }, (_, i) => i + 1)

/** The tables of the contract in one SQL engine; see `sqlContract`. */
interface SqlTables {
  reader: SourceReader
  schema: string
  close(): Promise<void>
}

/** What the rows of one engine hold that those of others do not. */
interface Own {
  /** The column of `customers` and `changes` that grows with every four rows, and its value in row `i`. */
  mark: string
  markOf(i: number): Value
  /** `order_lines.document` of row `i`: equal to the engine in six rows at a time. */
  documentOf(i: number): Value
}

/**
 * The contract of readers over these tables, each of ROWS rows numbered from 1:
 *
 * - `customers`: key `id`, `name` is `Name 1` …, the mark
 * - `changes`: the same, with two rows more that have no mark
 * - `order_lines`: without a key; `document`, `line` (half the number) and `amount` (the number)
 * - `half_known`: a view of `id` and `name`, where every third `id` is NULL
 * - `no_rows`
 */
export function sqlContract(name: string, prepare: () => Promise<SqlTables>, own: Own): void {
  const { mark, markOf, documentOf } = own
  const customers = rows.map((i) => ({ id: i, name: `Name ${i}`, [mark]: markOf(i) }))
  const half = (isKnown: boolean) =>
    rows.filter((i) => (i % 3 !== 0) === isKnown).map((i) => ({ id: isKnown ? i : null, name: `Name ${i}` }))
  readerContract(name, async () => {
    const { reader, schema, close } = await prepare()
    return {
      reader,
      full: { dataset: { ref: 'p.customers', from: 'customers' }, rows: customers },
      incremental: {
        dataset: { ref: 'p.changes', from: `${schema}.changes`, cursor: mark },
        rows: customers,
        nullMarks: 2,
      },
      repeated: {
        dataset: { ref: 'p.lines', from: 'order_lines', key: ['document', 'line'] },
        rows: rows.map((i) => ({ document: documentOf(i), line: Math.floor(i / 2), amount: i })),
      },
      nullKeys: {
        dataset: { ref: 'p.half', from: 'half_known', key: ['id'] },
        rows: [...half(true), ...half(false)],
      },
      empty: { ref: 'p.nothing', from: 'no_rows' },
      misspelt: { dataset: { ref: 'p.x', from: 'custmers' }, nearest: 'customers' },
      async close() {
        await reader.close()
        await close()
      },
    }
  })
}

/** A day for every four rows, as text behind the day: the rest of an instant. */
export const dayOf = (i: number, rest: string): string =>
  `2026-01-${String(Math.floor((i - 1) / 4) + 1).padStart(2, '0')}${rest}`

/** A number for every four rows. */
export const versionOf = (i: number): number => Math.floor((i - 1) / 4) + 1

/** Tables in a database of a server. */
export async function tablesOnServer(
  connector: Connector,
  fresh: (name: string) => Promise<TestDatabase>,
  sql: string,
  schema?: string,
): Promise<SqlTables> {
  const database = await fresh('contract')
  await database.query(sql)
  const reader = connector.open({ connection: 'shop', root: '/', options: { url: database.url } })
  return { reader, schema: schema ?? database.name, close: database.drop }
}

/** Tables in a file, which `make` writes. */
export async function tablesInFile(
  connector: Connector,
  make: (path: string) => Promise<void>,
): Promise<SqlTables> {
  const root = await mkdtemp(join(tmpdir(), 'polder-file-test-'))
  await make(join(root, 'shop.db'))
  const reader = connector.open({ connection: 'shop', root, options: { path: 'shop.db' } })
  return { reader, schema: 'main', close: () => rm(root, { recursive: true }) }
}
