import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { isAbsent, type TypeCase } from '../case.ts'
import type { Families } from './databases.ts'
import { tableSql } from './tables.ts'

const double = (name: string): string => `"${name}"`

export async function parquetFiles(folder: string, families: Families): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`set timezone = 'UTC'`)
  for (const [name, cases] of Object.entries(families)) {
    for (const sql of tableSql(name, cases, 'parquet', double, 'varchar')) await connection.run(sql)
    await connection.run(`copy ${name} to '${join(folder, `${name}.parquet`)}' (format parquet)`)
  }
  connection.closeSync()
  instance.closeSync()
}

interface Held {
  name: string
  value: string | Buffer
}
const held = (cases: TypeCase[], as: 'csv' | 'json'): Held[] =>
  cases.flatMap(({ name, written }) => {
    const value = written[as]
    return typeof value === 'string' || Buffer.isBuffer(value)
      ? [{ name, value }]
      : isAbsent(value)
        ? []
        : [value]
  })

const bytes = (parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((it) => Buffer.from(it as string)))
/** What a program of Windows puts before a file. */
const MARK = '\uFEFF'

function csvBytes(cases: TypeCase[]): Buffer {
  const fields = held(cases, 'csv')
  const lines = fields.map(({ name, value }, at) =>
    bytes([name, ','.repeat(at + 1), value, ','.repeat(fields.length - at - 1), '\r\n']),
  )
  return bytes([MARK, ['id', ...fields.map((it) => it.name)].join(','), '\r\n', ...lines])
}

const object = ({ name, value }: Held): Buffer => bytes([`{"id":"${name}","${name}":`, value, '}'])

export async function textFiles(folder: string, families: Families): Promise<void> {
  for (const [name, cases] of Object.entries(families)) {
    const objects = held(cases, 'json').map(object)
    await writeFile(join(folder, `${name}.csv`), csvBytes(cases))
    await writeFile(join(folder, `${name}.jsonl`), bytes([MARK, ...objects.flatMap((it) => [it, '\n'])]))
    const items = objects.flatMap((it, at) => (at === 0 ? [it] : [',\n', it]))
    await writeFile(join(folder, `${name}.json`), bytes([MARK, '[', ...items, ']']))
  }
}
