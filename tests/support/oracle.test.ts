import { expect, test } from 'vitest'
import { compare, FLAWLESS, type Verdict } from './oracle.ts'

const truth = new Map([
  ['a', { id: 'a', name: 'Ada' }],
  ['b', { id: 'b', name: null }],
])

function verdictOn(rows: Record<string, string | null>[]): Verdict {
  const verdict: Verdict = structuredClone(FLAWLESS)
  compare(truth, rows, verdict)
  return verdict
}

test('equal rows are flawless; columns that the truth does not list are left alone', () => {
  expect(verdictOn([{ id: 'a', name: 'Ada', status: 'lead' }, { id: 'b' }])).toEqual(FLAWLESS)
})

test('each kind of difference is found', () => {
  const verdict = verdictOn([
    { id: 'a', name: 'Bea' },
    { id: 'a', name: 'Ada' },
    { id: 'c', name: 'Cas' },
  ])
  expect(verdict).toEqual({
    missing: ['b'],
    duplicate: ['a'],
    stale: ['a: {"id":"a","name":"Bea"} ≠ {"id":"a","name":"Ada"}'],
    surplus: ['c'],
  })
})
