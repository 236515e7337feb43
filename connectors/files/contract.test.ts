import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { files } from './files.ts'

const rows = Array.from({ length: 12 }, (_, i) => i + 1)
const csv = (some: number[]) => `id,name,city\n${some.map((i) => `${i},"Name, ${i}",\n`).join('')}`
const json = (some: number[]) =>
  some.map((i) => `{"id":${i},"name":"Name ${i}","city":{"zip":"${i}"}}\n`).join('')

async function folder() {
  const root = await mkdtemp(join(tmpdir(), 'polder-files-'))
  await writeFile(join(root, 'customers-1.csv'), csv(rows.slice(0, 5)))
  await writeFile(join(root, 'customers-2.csv'), 'id,name,city\n')
  await writeFile(join(root, 'customers-3.csv'), csv(rows.slice(5)))
  await writeFile(join(root, 'people-1.jsonl.gz'), gzipSync(json(rows.slice(0, 5))))
  await writeFile(join(root, 'people-2.jsonl.gz'), gzipSync(json(rows.slice(5))))
  await writeFile(join(root, 'nothing.csv'), 'id,name\n')
  await writeFile(join(root, 'customers.csv'), csv(rows))
  await writeFile(join(root, 'people.jsonl'), json(rows))
  await writeFile(join(root, 'list.json'), `[${json(rows).trimEnd().replaceAll('\n', ' ,\n ')}]\n`)
  const engine = await (await DuckDBInstance.create(':memory:')).connect()
  for (const [file, count] of [
    ['table', rows.length],
    ['nothing', 0],
  ] as const)
    await engine.run(`copy (select i::int as id, 'Name ' || i as name, {'zip': i::varchar} as city
      from range(1, ${count} + 1) t (i)) to '${root}/${file}.parquet' (format parquet)`)
  engine.closeSync()
  return root
}

async function fixture(
  from: string,
  row: (i: number) => { [field: string]: string | number | object | null },
  empty = 'nothing.csv',
) {
  const root = await folder()
  const reader = files.open({ connection: 'exports', root, options: { path: '.' } })
  return {
    reader,
    full: { dataset: { ref: 'p.customers', from, key: ['id'] }, rows: rows.map(row) as never },
    empty: { ref: 'p.nothing', from: empty },
    misspelt: { dataset: { ref: 'p.x', from: 'customer.csv' }, nearest: 'customers.csv' },
    close: async () => {
      await reader.close()
      await rm(root, { recursive: true })
    },
  }
}

const csvRow = (i: number) => ({ id: String(i), name: `Name, ${i}`, city: null })
const jsonRow = (i: number) => ({ id: i, name: `Name ${i}`, city: { zip: String(i) } })

readerContract('files (CSV)', () => fixture('customers.csv', csvRow))
readerContract('files (JSON lines)', () => fixture('people.jsonl', jsonRow))
readerContract('files (JSON)', () => fixture('list.json', jsonRow))
readerContract('files (Parquet)', () => fixture('table.parquet', jsonRow, 'nothing.parquet'))
