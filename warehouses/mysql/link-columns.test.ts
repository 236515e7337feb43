import { expect, test } from 'vitest'
import type { Field } from '../../core/field.ts'
import { columnLines, linkColumn } from './link-columns.ts'

const field = (type: Field['type'], sourceType: string, nullable = false): Field => ({
  name: 'it',
  type,
  sourceType,
  nullable,
})
const lines = (of: Field, more = {}): string[] =>
  columnLines([linkColumn(of, { flavour: 'mariadb', zone: '+00:00', ...more })])
const KEY = 'key (`it`)'

test('a link has keys over numbers and times that are never NULL, and none over texts', () => {
  expect(lines(field('integer', 'int(10) unsigned'))).toEqual(['`it` bigint', KEY])
  expect(lines(field('decimal', 'decimal(9,2)'))).toEqual(['`it` decimal(9,2)', KEY])
  expect(lines(field('date', 'date'))).toEqual(['`it` date', KEY])
  expect(lines(field('datetime', 'datetime(3)'))).toEqual(['`it` datetime(6)', KEY])
  expect(lines(field('timestamp', 'timestamp'))).toEqual(['`it` datetime(6)', KEY])
  expect(lines(field('integer', 'int(11)', true))).toEqual(['`it` bigint'])
  expect(lines(field('text', 'varchar(20)'))).toEqual(['`it` varchar(20)'])
  // More than a bigint holds.
  expect(lines(field('integer', 'bigint(20) unsigned'))).toEqual(['`it` bigint(20) unsigned'])
})

test('a link has no keys where it is joined, and none in MySQL', () => {
  expect(lines(field('integer', 'int(11)'), { joined: true })).toEqual(['`it` bigint'])
  expect(lines(field('integer', 'int(11)'), { flavour: 'mysql' })).toEqual(['`it` bigint'])
})

test('floats, rounded doubles and instants of another zone are not read', () => {
  expect(lines(field('float', 'double'))).toEqual(['`it` double'])
  expect(lines(field('float', 'double(9,2)'))).toEqual([])
  expect(lines(field('float', 'float'))).toEqual([])
  expect(lines(field('timestamp', 'timestamp(6)'), { zone: 'UTC' })).toEqual(['`it` datetime(6)', KEY])
  for (const zone of ['CET', 'GMT', 'SYSTEM', 'Europe/London', '+01:00', '?'])
    expect(lines(field('timestamp', 'timestamp(6)'), { zone })).toEqual([])
})
