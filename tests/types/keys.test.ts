import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { escapePart } from '../../core/row-id.ts'
import type { TestDatabase } from '../support/databases.ts'
import { WAREHOUSES } from '../support/warehouse.ts'
import { isAbsent, SOURCES, type SourceName } from './case.ts'
import { KEYS, type KeyKind } from './corpus/keys.ts'
import { type Loaded, loadedProject } from './harness.ts'
import { CONNECTIONS, connectionOf, fromOf } from './project-files.ts'
import { keyTables } from './sources/keys.ts'

let databases: TestDatabase[] = []
let made: Awaited<ReturnType<typeof keyTables>>

beforeAll(async () => {
  made = await keyTables(KEYS)
  databases = made.databases
}, 60_000)
afterAll(() => Promise.all(databases.map((it) => it.drop())))

const kindsOf = (source: SourceName): KeyKind[] =>
  KEYS.filter(({ values }) => !isAbsent(values[0]!.written[source === 'jsonl' ? 'json' : source]))

const pipeline = (source: SourceName): string =>
  [
    `pipeline: from_${source}`,
    `connection: ${connectionOf(source)}`,
    'datasets:',
    ...kindsOf(source).map(
      ({ name }) =>
        `  ${name}:\n    from: ${fromOf(source, `keys_${name}`)}\n    key: k\n    to:\n      keyed:\n        word: n`,
    ),
    '',
  ].join('\n')

const FILES = {
  'config/connections.yaml': CONNECTIONS,
  'schema/keyed.yaml':
    'table: keyed\ndescription: Rows by key\ncolumns:\n  word:\n    type: text\n    description: Which\n',
  ...Object.fromEntries(SOURCES.map((it) => [`pipelines/from_${it}.yaml`, pipeline(it)])),
}

describe.each(WAREHOUSES)('%s', (warehouse) => {
  let loaded: Loaded
  let ids: Map<string, string>
  beforeAll(async () => {
    const files = async (folder: string) => {
      await mkdir(folder, { recursive: true })
      for (const [name, bytes] of made.files) await writeFile(`${folder}/${name}`, bytes)
    }
    loaded = await loadedProject(warehouse, FILES, made.env, files)
    const report = await loaded.run()
    expect(report.datasets.flatMap((it) => (it.status === 'ok' ? [] : [it.problem]))).toEqual([])
    const rows = await loaded.rows('keyed')
    ids = new Map([...rows].map(([id, row]) => [id, String(row['word'])]))
  }, 60_000)
  afterAll(() => loaded?.drop())

  test.each(SOURCES)(
    'keys from %s are the same as from any other source, and no two share an id',
    (source) => {
      const expected = kindsOf(source).flatMap(({ name, values }) =>
        values.map(({ id }, n) => [`from_${source}:${name}:${escapePart(id)}`, String(n)]),
      )
      const found = [...ids].filter(([id]) => id.startsWith(`from_${source}:`))
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
    },
  )

  test('a second reading finds every row unchanged', async () => {
    const { counts } = await loaded.run(SOURCES.slice(0, 3).map((it) => `from_${it}`))
    expect(counts).toMatchObject({ loaded: 0, rejected: 0, unchanged: counts.read })
  })
})
