import { expect, test } from 'vitest'
import * as duckdb from './duckdb/faults.ts'
import type { Fault } from './engine.ts'
import * as mysql from './mysql/faults.ts'
import * as postgres from './postgres/faults.ts'

const coded = (code: string, message = 'm') => Object.assign(new Error(message), { code })
const numbered = (errno: number, message = 'm') =>
  Object.assign(new Error(message), { errno, code: 'ER_X', sqlMessage: message })

test.each<[string, Fault | undefined]>([
  ['40P01', 'retry'],
  ['40001', 'retry'],
  ['23505', 'duplicate'],
  ['22003', 'refused'],
  ['57P01', 'lost'],
  ['ECONNREFUSED', 'lost'],
  ['28P01', 'denied'],
  ['53100', 'fatal'],
  ['2BP01', 'depended'],
  ['42601', undefined],
])('PostgreSQL error %s means %s', (code, fault) => expect(postgres.fault(coded(code))).toBe(fault))

test.each<[number, Fault | undefined]>([
  [1213, 'retry'],
  [1205, 'retry'],
  [1062, 'duplicate'],
  [1366, 'refused'],
  [1927, 'lost'],
  [1045, 'denied'],
  [1021, 'fatal'],
  [1064, undefined],
])('MariaDB error %s means %s', (errno, fault) => expect(mysql.fault(numbered(errno))).toBe(fault))

test.each<[string, Fault | undefined]>([
  ['TransactionContext Error: Conflict on update!', 'retry'],
  ['Constraint Error: Duplicate key "commit_id: x" violates primary key constraint.', 'duplicate'],
  [`Conversion Error: Could not convert string 'secret' to INT64`, 'refused'],
  ['IO Error: Could not write file "/w.duckdb": No space left on device', 'fatal'],
  ['FATAL Error: Failed: database has been invalidated because of a previous fatal error.', 'fatal'],
  ['Out of Memory Error: could not allocate block of size 256.0 KiB (122.0 MiB/122.0 MiB used)', 'memory'],
  ['Parser Error: syntax error at or near "nonsense"', undefined],
])('DuckDB says "%s" and means %s', (message, fault) => expect(duckdb.fault(new Error(message))).toBe(fault))

test('words about data errors show no values', () => {
  expect(postgres.words(coded('22P02', 'invalid input syntax for type bigint: "secret"'))).not.toContain(
    'secret',
  )
  expect(mysql.words(numbered(1062, `Duplicate entry 'secret' for key 'PRIMARY'`))).not.toContain('secret')
  expect(mysql.words(numbered(1064, `near 'secret'`))).not.toContain('secret')
  expect(
    duckdb.words(new Error(`Conversion Error: Could not convert string 'secret' to INT64`)),
  ).not.toContain('secret')
})

test.each([
  [
    'Invalid Error: Failed to prepare COPY "COPY (SELECT "a" FROM (select a from t where a > \'secret\') AS x ) TO STDOUT (FORMAT "binary");": ERROR:  permission denied for table t\n',
    'DuckDB Invalid Error: permission denied for table t',
  ],
  [
    'IO Error: Failed to fetch header for COPY: ERROR:  canceling statement due to statement timeout\n',
    'DuckDB IO Error: canceling statement due to statement timeout',
  ],
  [
    'IO Error: Unable to connect to Postgres at "host=db": connection to server at "db", port 5432 failed: FATAL:  too many connections for role "reader"\n',
    'DuckDB IO Error: connection to server at "db", port 5432 failed: FATAL:  too many connections for role "reader"',
  ],
  [
    `IO Error: Failed to prepare MySQL query "select a from t where a > 'secret'": SELECT command denied to user 'reader'@'db' for table \`d\`.\`t\`\n\n\nLINE 1: select 'secret'`,
    `DuckDB IO Error: SELECT command denied to user 'reader'@'db' for table \`d\`.\`t\``,
  ],
  [
    'Out of Memory Error: failed to allocate data of size 16.0 MiB (47.9 MiB/61.0 MiB used)\nDatabase is launched',
    'Out of Memory Error: failed to allocate data of size 16.0 MiB (47.9 MiB/61.0 MiB used)',
  ],
  [
    'IO Error: Failed to fetch header for COPY: ERROR:  invalid input syntax for type integer: "secret"\n',
    'DuckDB IO Error',
  ],
  [
    'IO Error: Failed to fetch row of "select \'secret\'": ERROR:  secret: permission denied for table t',
    'DuckDB IO Error',
  ],
  ['secret', 'DuckDB error'],
])('of what an extension says, only what cannot be a value is told: %s', (said, words) =>
  expect(duckdb.serverWords(new Error(said))).toBe(words),
)

test('the column of a refused value is found', () => {
  const copy = Object.assign(new Error('m'), { where: 'COPY polder_stage_0, line 3, column net: "x"' })
  expect(postgres.refusedColumn(copy)).toBe('net')
  expect(
    mysql.refusedColumn(new Error(`Incorrect integer value: 'x' for column \`d\`.\`t\`.\`net\` at row 1`)),
  ).toBe('net')
  expect(mysql.refusedColumn(new Error(`Out of range value for column 'net' at row 1`))).toBe('net')
})
