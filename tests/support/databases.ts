import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { program } from './binaries.ts'

export interface TestDatabase {
  name: string
  url: string
  /** One or several statements; rows of the last as text (PostgreSQL) or as the driver's safe values (MariaDB). */
  query<T = Record<string, string | null>>(sql: string): Promise<T[]>
  drop(): Promise<void>
}

/** An empty PostgreSQL database of the caller's own. */
export async function freshPostgres(
  name = 'test',
  server = serverUrl('POLDER_TEST_POSTGRES_URL'),
): Promise<TestDatabase> {
  const database = uniqueName(name)
  await postgresQuery(server, `create database ${database}`)
  const url = withDatabase(server, database)
  return {
    name: database,
    url,
    query: (sql) => postgresQuery(url, sql),
    drop: async () => void (await postgresQuery(server, `drop database if exists ${database} with (force)`)),
  }
}

/** An empty MariaDB database of the caller's own. */
export async function freshMysql(
  name = 'test',
  server = serverUrl('POLDER_TEST_MYSQL_URL'),
): Promise<TestDatabase> {
  const database = uniqueName(name)
  await mysqlQuery(server, `create database ${database} character set utf8mb4`)
  const url = withDatabase(server, database)
  return {
    name: database,
    url,
    query: (sql) => mysqlQuery(url, sql),
    drop: async () => void (await mysqlQuery(server, `drop database if exists ${database}`)),
  }
}

/** A database name that no other test has. */
export const uniqueName = (name: string): string => `${name}_${randomBytes(5).toString('hex')}`

/** `url` with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

/**
 * Loads a dump through the server's own client. Lines that choose a database (`CREATE SCHEMA`, `USE`) are left out:
 * everything lands in the database of the URL. `schema` is a name that the dump puts before its tables, left out too.
 */
export async function loadSql(url: string, file: string, schema?: string): Promise<void> {
  const isPostgres = url.startsWith('postgres')
  const client = isPostgres ? program('psql') : program('mariadb', 'mysql')
  if (client === undefined)
    throw new Error(`No ${isPostgres ? 'psql' : 'mariadb'} here to load ${file} with.`)
  const child = spawn(client, isPostgres ? psqlWords(url) : mariadbWords(url), {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // A client that stops at an error closes the pipe; its exit code and words tell more than the broken pipe.
  await pipeline(Readable.from(statements(file, schema)), child.stdin).catch(() => {})
  const code = await ended
  if (code !== 0) throw new Error(`Loading ${file} failed (exit ${code}): ${complaint.slice(-2000)}`)
}

const CHOOSES_DATABASE = /^\s*(drop schema|drop database|create schema|create database|use)\s/i

async function* statements(file: string, schema?: string): AsyncIterable<string> {
  const prefix = schema === undefined ? undefined : new RegExp(`\\b${schema}\\.`, 'g')
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
    if (!CHOOSES_DATABASE.test(line)) yield `${prefix ? line.replace(prefix, '') : line}\n`
}

const psqlWords = (url: string): string[] => ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url]

function mariadbWords(url: string): string[] {
  const { hostname, port, username, password, pathname } = new URL(url)
  const account = [`-h${hostname}`, `-P${port}`, `-u${username}`, `-p${password}`]
  return ['--no-defaults', ...account, '--default-character-set=utf8mb4', '--protocol=TCP', pathname.slice(1)]
}

function serverUrl(variable: 'POLDER_TEST_POSTGRES_URL' | 'POLDER_TEST_MYSQL_URL'): string {
  const url = process.env[variable]
  if (url === undefined) throw new Error(`${variable} is not set: run the tests by npm test.`)
  return url
}

async function postgresQuery<T>(url: string, sql: string): Promise<T[]> {
  const asText = { getTypeParser: () => (text: string) => text }
  const client = new pg.Client({ connectionString: url, types: asText as never })
  await client.connect()
  try {
    const result = await client.query(sql)
    return ((Array.isArray(result) ? result.at(-1) : result)?.rows ?? []) as T[]
  } finally {
    await client.end()
  }
}

async function mysqlQuery<T>(url: string, sql: string): Promise<T[]> {
  const connection = await createConnection({
    uri: url,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  try {
    const [rows] = await connection.query(sql)
    const last = Array.isArray(rows) && Array.isArray(rows[0]) ? rows.at(-1) : rows
    return (Array.isArray(last) ? last : []) as T[]
  } finally {
    await connection.end()
  }
}

/** Asks the database of a URL. */
export const queryAt = <T = Record<string, string | null>>(url: string, sql: string): Promise<T[]> =>
  url.startsWith('postgres') ? postgresQuery(url, sql) : mysqlQuery(url, sql)

/** A session that keeps its transaction and its locks from one statement to the next. */
export interface HeldSession {
  run(sql: string): Promise<unknown>
  end(): Promise<void>
}

export async function heldSession(url: string): Promise<HeldSession> {
  if (url.startsWith('postgres')) {
    const client = new pg.Client({ connectionString: url })
    // A test that fails drops its database below this session.
    client.on('error', () => {})
    await client.connect()
    return { run: (sql) => client.query(sql), end: () => client.end() }
  }
  const connection = await createConnection({ uri: url })
  return { run: (sql) => connection.query(sql), end: () => connection.end() }
}
