import driver from 'node-sqlite3-wasm'
import { freshMysql, freshPostgres, type TestDatabase } from '../../support/databases.ts'
import type { TypeCase } from '../case.ts'
import { tableSql } from './tables.ts'

export type Families = Record<string, TypeCase[]>

const double = (name: string): string => `"${name}"`
const back = (name: string): string => `\`${name}\``

const POSTGRES_TYPES = `set timezone = 'UTC';
  create type mood as enum ('glad', 'sad'); create type pair as (a int, b text); create domain word as text`

export async function postgresTables(families: Families): Promise<TestDatabase> {
  const database = await freshPostgres('types')
  const tables = Object.entries(families).flatMap(([name, cases]) =>
    tableSql(name, cases, 'postgres', double, 'varchar(40) primary key'),
  )
  await database.query([POSTGRES_TYPES, ...tables].join(';\n'))
  return database
}

export async function mysqlTables(families: Families): Promise<TestDatabase> {
  const database = await freshMysql('types')
  const tables = Object.entries(families).flatMap(([name, cases]) =>
    tableSql(name, cases, 'mysql', back, 'varchar(40) primary key'),
  )
  await database.query([`set time_zone = '+00:00', sql_mode = ''`, ...tables].join(';\n'))
  return database
}

export function sqliteTables(path: string, families: Families): void {
  const database = new driver.Database(path)
  try {
    database.exec('begin')
    for (const [name, cases] of Object.entries(families))
      for (const sql of tableSql(name, cases, 'sqlite', double, 'text primary key not null'))
        database.exec(sql)
    database.exec('commit')
  } finally {
    database.close()
  }
}
