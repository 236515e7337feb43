import { expect, test } from 'vitest'
import { commitId } from './commit.ts'
import type { Loading } from './loading.ts'

const at = (rangeId: string, version: number | undefined, scanVersion?: number) => {
  const place = { runId: 'run', prepared: { ref: 'shop.orders' }, rangeId, version, scanVersion }
  return commitId(place as unknown as Loading, 'rows')
}

test('a repeated commit has the same name, and whoever goes on from a moved checkpoint has another', () => {
  expect(at('0', 3)).toBe(at('0', 3))
  // Its reply was lost and the warehouse could not be asked: the next attempt finds version 4 and other rows.
  expect(at('0', 4)).not.toBe(at('0', 3))
  expect(at('0', undefined)).not.toBe(at('0', 1))
})

test('commits of two ranges never share a name', () => {
  expect(at('1', 3)).not.toBe(at('2', 3))
})

test('a second scan within a run, whose ranges begin at version 0 again, shares no name with the first', () => {
  expect(at('1', undefined, 7)).not.toBe(at('1', undefined, 3))
  expect(at('1', 1, 7)).not.toBe(at('1', 71))
})
