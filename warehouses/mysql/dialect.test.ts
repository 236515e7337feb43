import { expect, test } from 'vitest'
import type { Expr } from '../../core/expr.ts'
import { columnFacts } from './column-facts.ts'
import { mysqlDialect } from './dialect.ts'

const mysql = mysqlDialect('mysql')
const mariadb = mysqlDialect('mariadb')

test('MySQL gets its own collation and JSON type, MariaDB its own', () => {
  expect(mysql.type({ kind: 'id' })).toBe('varchar(191) character set utf8mb4 collate utf8mb4_0900_bin')
  expect(mariadb.type({ kind: 'id' })).toBe('varchar(191) character set utf8mb4 collate utf8mb4_nopad_bin')
  expect([mysql.type({ kind: 'json' }), mysql.storedType({ kind: 'json' })]).toEqual(['json', 'json'])
  expect(mariadb.storedType({ kind: 'json' })).toBe('longtext')
})

test('names and texts are quoted whatever they hold', () => {
  expect(mysql.quote('a`b')).toBe('`a``b`')
  expect(mysql.literal(`it's \\`)).toBe(`'it''s \\\\'`)
})

test('MySQL has no "add column if not exists"', () => {
  const column = { name: 'x', type: { kind: 'text' } as const, description: 'X' }
  expect(mysql.addColumn('t', column)).toMatch(/^alter table t add column `x` /)
  expect(mariadb.addColumn('t', column)).toMatch(/^alter table t add column if not exists `x` /)
})

test('a clock of UTC that is stored as instants are is an instant as it lies, so that an index on it serves', () => {
  const declared = (sourceType: string) => {
    const { stored } = columnFacts({ name: 'at', type: 'datetime', sourceType, nullable: false })
    const item: Expr = { op: 'column', name: 'at', stored: stored!, kind: 'datetime', nullable: false }
    const value: Expr = { op: 'cast', item, to: { kind: 'timestamp' }, kind: 'timestamp', nullable: false }
    return mariadb.declared({ kind: 'timestamp' }, 'cast(`at` as datetime(6))', value)
  }
  expect(declared('datetime(6)')).toBe('`at`')
  expect(['datetime', 'datetime(3)'].map(declared)).not.toContain('`at`')
})
