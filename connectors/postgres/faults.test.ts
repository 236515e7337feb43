import { expect, test } from 'vitest'
import { TransientError } from '../../sdk/index.ts'
import { pgFault } from './faults.ts'

const told = { connection: 'shop', server: 'db:5432', from: 'customers' }

test.each([
  ['40001', 'canceling statement due to conflict with recovery'],
  ['57P01', 'terminating connection due to conflict with recovery'],
])('what a standby ends to replay changes (%s) is tried again, and said how to avoid', (code, message) => {
  const found = pgFault(Object.assign(new Error(message), { code }), told)
  expect(found).toBeInstanceOf(TransientError)
  expect(found.message).toMatch(/^E410: .*conflict with recovery.*hot_standby_feedback/)
})
