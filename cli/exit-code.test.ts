import { expect, test } from 'vitest'
import * as errors from '../core/errors.ts'
import { exitCodeOf, exitCodeOfFindings, problemsOf } from './exit-code.ts'
import { placed, warning } from './testing/reports.ts'

const details = { problem: 'x' }

test('the class of what was thrown decides the exit code', () => {
  const thrown: [unknown, number][] = [
    [new errors.ConfigError('E101', details), 2],
    [new errors.ConfigErrors([placed]), 2],
    [new errors.AuthError('E401', details), 1],
    [new errors.DataError('E702', details), 1],
    [new errors.SourceError('E402', details), 1],
    [new errors.RowError('E501', 0, details), 1],
    [new errors.ContractError('E310', details), 4],
    [new errors.TransientError('E403', details), 5],
    [new errors.WarehouseError('E601', details), 6],
    [new errors.LeaseError('E701', details), 7],
    [new errors.BugError('E901', details), 1],
    [new TypeError('x is undefined'), 1],
    ['text', 1],
  ]
  expect(thrown.map(([error]) => exitCodeOf(error))).toEqual(thrown.map(([, code]) => code))
})

test('warnings alone do not fail', () => {
  expect(exitCodeOfFindings([warning])).toBe(0)
  expect(exitCodeOfFindings([warning, placed])).toBe(2)
})

test('what is no error of ours is told as a defect, without its message', () => {
  const [problem] = problemsOf(new TypeError('cannot read ada@example.com'))
  expect(problem).toMatchObject({
    code: 'E901',
    problem: 'Unexpected TypeError. This is a defect of Polder.',
  })
  expect(JSON.stringify(problem)).not.toContain('ada@')
  expect(problemsOf(new errors.ConfigErrors([placed, warning]))).toEqual([placed, warning])
})
