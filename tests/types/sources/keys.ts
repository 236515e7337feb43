import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import driver from 'node-sqlite3-wasm'
import { freshMysql, freshPostgres } from '../../support/databases.ts'
import { isAbsent, type SqlValue } from '../case.ts'
import type { KeyKind } from '../corpus/keys.ts'
import type { SqlSource } from './tables.ts'

/** A table with the key `k`, and `n`: which of the values it is. */
function keySql({ name, values }: KeyKind, source: SqlSource): string[] {
  const written = values.map((it) => it.written[source])
  if (written.some(isAbsent)) return []
  const [{ type }, ...rest] = written as [SqlValue, ...SqlValue[]]
  const key = source === 'parquet' ? '' : ' not null primary key'
  const rows = [{ type, sql: (written[0] as SqlValue).sql }, ...rest].map((it, n) => `(${it.sql}, '${n}')`)
  return [
    `create table keys_${name} (k ${type}${key}, n varchar(9))`,
    `insert into keys_${name} (k, n) values ${rows.join(', ')}`,
  ]
}

const bytes = (value: unknown): Buffer => Buffer.from(value as string)

function textFiles({ name, values }: KeyKind): [string, Buffer][] {
  if (isAbsent(values[0]!.written.csv)) return []
  const csv = values.map(({ written }, n) => Buffer.concat([bytes(written.csv), bytes(`,${n}\n`)]))
  const objects = values.map(({ written }, n) => `{"k":${written.json},"n":"${n}"}`)
  return [
    [`keys_${name}.csv`, Buffer.concat([bytes('k,n\n'), ...csv])],
    [`keys_${name}.jsonl`, bytes(`${objects.join('\n')}\n`)],
    [`keys_${name}.json`, bytes(`[${objects.join(',\n')}]`)],
  ]
}

/** The same keys in every source: databases, and files by name. */
export async function keyTables(kinds: KeyKind[]) {
  const of = (source: SqlSource) => kinds.flatMap((it) => keySql(it, source))
  const [postgres, mysql] = await Promise.all([freshPostgres('keys'), freshMysql('keys')])
  await postgres.query([`set timezone = 'UTC'`, ...of('postgres')].join(';\n'))
  await mysql.query(
    [`set time_zone = '+00:00', sql_mode = 'NO_BACKSLASH_ESCAPES'`, ...of('mysql')].join(';\n'),
  )
  const folder = await mkdtemp(join(tmpdir(), 'polder-keys-'))
  const files = kinds.flatMap(textFiles)
  files.push(['types.db', await sqliteFile(join(folder, 'types.db'), of('sqlite'))])
  files.push(...(await parquetFiles(folder, kinds)))
  await rm(folder, { recursive: true })
  const env = { TYPES_POSTGRES_URL: postgres.url, TYPES_MYSQL_URL: mysql.url }
  return { databases: [postgres, mysql], files, env }
}

async function sqliteFile(path: string, statements: string[]): Promise<Buffer> {
  const database = new driver.Database(path)
  for (const sql of statements) database.exec(sql)
  database.close()
  return readFile(path)
}

async function parquetFiles(folder: string, kinds: KeyKind[]): Promise<[string, Buffer][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`set timezone = 'UTC'`)
  const files: [string, Buffer][] = []
  for (const kind of kinds) {
    const name = `keys_${kind.name}.parquet`
    for (const sql of keySql(kind, 'parquet')) await connection.run(sql)
    await connection.run(`copy keys_${kind.name} to '${join(folder, name)}' (format parquet)`)
    files.push([name, await readFile(join(folder, name))])
  }
  connection.closeSync()
  instance.closeSync()
  return files
}
