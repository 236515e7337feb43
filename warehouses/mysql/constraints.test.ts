import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FieldType } from '../../core/field.ts'
import { freshMysql, type TestDatabase } from '../../tests/support/databases.ts'
import { columnFacts } from './column-facts.ts'
import { MysqlConnection } from './connection.ts'
import { constrainedColumns } from './constraints.ts'
import { collation } from './dialect.ts'
import { address, baseSettings } from './server.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await freshMysql('constraints')
})
afterAll(() => database.drop())

interface Case {
  type: FieldType
  sourceType: string
  checks: string[]
}
const day = (...checks: string[]): Case => ({ type: 'date', sourceType: 'date', checks })
const clock = (...checks: string[]): Case => ({ type: 'datetime', sourceType: 'datetime(6)', checks })
const instant = (...checks: string[]): Case => ({ type: 'timestamp', sourceType: 'timestamp(6)', checks })
const words = (...checks: string[]): Case => ({ type: 'text', sourceType: 'text', checks })

const exists = (it: string) => `${it} <=> ${it} + interval 0 day`
const noNul = (it: string) => `locate(x'00', cast(${it} as binary)) = 0`

const PROVEN = {
  day: day(`day between '1900-01-01' and '2100-01-01' and ${exists('day')}`),
  clock: clock(`clock >= timestamp'1000-01-01 00:00:00'`, exists('clock')),
  one_more: day(`${exists('one_more')} and one_more > '1899-12-31' and one_more < '2100-01-01'`),
  added: day(`added >= '1000-01-01' and added <=> adddate(added, 0)`),
  instant: instant(`instant >= '1970-01-02'`),
  words: words(noNul('words')),
}

const NOT_PROVEN = {
  bare: day(),
  bare_words: words(),
  no_day: day(`no_day between '1900-01-01' and '2100-01-01'`),
  no_year: day(exists('no_year')),
  // NULL where there is no such day: it would be let in.
  other_day: day(`other_day >= '1900-01-01' and other_day = other_day + interval 0 day`),
  too_wide: day(`too_wide between '0900-01-01' and '2100-01-01' and ${exists('too_wide')}`),
  either: day(`(either >= '1900-01-01' and ${exists('either')}) or words is null`),
  beside: day(`beside >= '1900-01-01' and ${exists('beside')} or words is null`),
  not_so: day(`not (not_so between '1900-01-01' and '2100-01-01')`, exists('not_so')),
  of_other: words(noNul('words')),
  // By its own collation nothing is U+0000.
  by_letters: words(`locate(x'00', by_letters) = 0`),
  part_of: words(`locate(x'00', cast(part_of as binary)) = 0 or true`),
}

const COLUMNS: Record<string, Case> = { ...PROVEN, ...NOT_PROVEN }

test('only what constraints say in a form that is known needs no test', async () => {
  const lines = Object.entries(COLUMNS).map(([name, it]) => `${name} ${it.sourceType} null`)
  const checks = Object.values(COLUMNS).flatMap((it) => it.checks.map((sql) => `check (${sql})`))
  await database.query(`create table days (${[...lines, ...checks].join(', ')})`)
  const facts = Object.entries(COLUMNS).map(([name, { type, sourceType }]) =>
    columnFacts({ name, type, sourceType, nullable: true }),
  )
  const own = collation('mariadb')
  const connection = await MysqlConnection.connect({
    address: address(database.url),
    settings: baseSettings(own),
    internal: database.name,
    collation: own,
    localInfile: false,
  })
  try {
    const at = { schema: database.name, name: 'days' }
    expect(await constrainedColumns(connection, at, facts)).toEqual(
      Object.keys(COLUMNS).filter((it) => it in PROVEN),
    )
    expect(await constrainedColumns(connection, { ...at, name: 'nights' }, facts)).toEqual([])
  } finally {
    await connection.close()
  }
})
