import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FieldType } from '../../core/field.ts'
import { freshPostgres, type TestDatabase } from '../../tests/support/databases.ts'
import { columnFacts } from './column-facts.ts'
import { PostgresConnection } from './connection.ts'
import { finiteColumns } from './constraints.ts'

let database: TestDatabase
let connection: PostgresConnection
beforeAll(async () => {
  database = await freshPostgres('constraints')
  connection = await PostgresConnection.connect({ connectionString: database.url }, 'pool')
})
afterAll(async () => {
  await connection.close()
  await database.drop()
})

const day = (sql: string) => ({ type: 'date' as FieldType, sourceType: 'date', sql })
const clock = (sql: string) => ({
  type: 'datetime' as FieldType,
  sourceType: 'timestamp without time zone',
  sql,
})
const instant = (sql: string) => ({
  type: 'timestamp' as FieldType,
  sourceType: 'timestamp with time zone',
  sql,
})

const COLUMNS = {
  proven_day: day(`check (proven_day between '1900-01-01' and '2100-01-01')`),
  proven_clock: clock(`check (proven_clock >= '1000-01-01' and proven_clock < '9999-12-31')`),
  proven_instant: instant(
    `not null check (proven_instant > '1970-01-01Z' and proven_instant < '2100-01-01Z')`,
  ),
  bare: day(''),
  not_null: day('not null'),
  // As good, but for the last microsecond: more than the planner works out.
  not_seen: clock(`check (not_seen >= '1000-01-01' and not_seen < '10000-01-01')`),
  only_low: day(`check (only_low > '1900-01-01')`),
  only_high: instant(`check (only_high < '2100-01-01Z')`),
  finite_alone: day('check (isfinite(finite_alone))'),
  too_wide: day(`check (too_wide between '0900-01-01' and '2100-01-01')`),
  either: day(`check (either between '1900-01-01' and '2100-01-01' or note)`),
  not_valid: day(''),
}

test('only what a valid constraint keeps within the years 1000 to 9999 needs no test', async () => {
  const lines = Object.entries(COLUMNS).map(([name, it]) => `${name} ${it.sourceType} ${it.sql}`)
  await connection.run(`create table "the days" (note boolean, ${lines.join(', ')})`)
  await connection.run(
    `alter table "the days" add check (not_valid between '1900-01-01' and '2100-01-01') not valid`,
  )
  const facts = Object.entries(COLUMNS).map(([name, { type, sourceType }]) =>
    columnFacts({ name, type, sourceType, nullable: true }),
  )
  expect(await finiteColumns(connection, '"the days"', facts)).toEqual([
    'proven_day',
    'proven_clock',
    'proven_instant',
  ])
  const [row] = await connection.query('show constraint_exclusion')
  expect(row).toEqual({ constraint_exclusion: 'partition' })
})

test('a table that inherits, and does not the constraint, proves nothing', async () => {
  await connection.run(
    `create table parent (at date check (at between '1900-01-01' and '2100-01-01') no inherit)`,
  )
  const facts = [columnFacts({ name: 'at', type: 'date', sourceType: 'date', nullable: true })]
  expect(await finiteColumns(connection, 'parent', facts)).toEqual(['at'])
  await connection.run('create table child () inherits (parent)')
  await connection.run(`insert into child values ('infinity')`)
  expect(await finiteColumns(connection, 'parent', facts)).toEqual([])
})
