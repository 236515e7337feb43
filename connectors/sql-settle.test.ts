import { expect, test } from 'vitest'
import { settledMark } from './sql-settle.ts'

const newest = { mark: '9', at: '90' }

test('with no writer of its time left, the newest mark is safe', () => {
  expect(settledMark(newest, '90', { highWater: '5', settling: { mark: '7', at: '70' } })).toEqual({
    mark: '9',
  })
})

test('a mark that waited is safe when the writers of its time have ended, and the newest waits', () => {
  const earlier = { highWater: '5', settling: { mark: '7', at: '70' } }
  expect(settledMark(newest, '70', earlier)).toEqual({ mark: '7', settling: newest })
  expect(settledMark(newest, '69', earlier)).toEqual({ mark: '5', settling: earlier.settling })
})

test('nothing is safe at a first reading beside a writer', () => {
  expect(settledMark(newest, '89', undefined)).toEqual({ settling: newest })
})

test('on a server that counts from anew, the newest mark waits instead of one that never settles', () => {
  const earlier = { highWater: '5', settling: { mark: '7', at: '9999' } }
  expect(settledMark(newest, '80', earlier)).toEqual({ mark: '5', settling: newest })
})
