import { describe, expect, test } from 'vitest'
import { functions, ownFunctions } from '../functions.ts'
import type { Misfit } from '../misfit.ts'
import { Unfit } from './own-function.ts'

const changes: string[] = []
const own = ownFunctions({ zone: 'Europe/Amsterdam', changed: (code) => changes.push(code) })

/** The value, or the code of why there is none. */
const call = (name: string, ...values: unknown[]): unknown => {
  try {
    return own[name]!(...values)
  } catch (cause) {
    expect(cause).toBeInstanceOf(Unfit)
    return (cause as Misfit).code
  }
}

describe('$email', () => {
  test.each([
    [' Ada@Example.NL ', 'ada@example.nl'],
    ['a+b.c@sub.example.co.uk', 'a+b.c@sub.example.co.uk'],
    ['', undefined],
    [undefined, undefined],
    ['ada@example', 'E527'],
    ['ada@@example.nl', 'E527'],
    ['ada example.nl', 'E527'],
    ['Ada <ada@example.nl>', 'E527'],
    ['a..b@example.nl', 'E527'],
    [7, 'E527'],
    [`${'x'.repeat(100_000)}@`, 'E527'],
  ])('%j gives %j', (value, expected) => expect(call('email', value)).toBe(expected))
})

describe('$country', () => {
  test.each([
    [['NL'], 'NL'],
    [['nld'], 'NL'],
    [['528'], 'NL'],
    [[56], 'BE'],
    [['The Netherlands'], 'NL'],
    [['Duitsland', 'nl'], 'DE'],
    [['germany', 'nl'], 'DE'],
    [['UK'], 'GB'],
    [[''], undefined],
    [[undefined, 'nl'], undefined],
    [['Duitsland'], 'E528'],
    [['XX'], 'E528'],
    [['Nederland', 'klingon'], 'E528'],
    [['__proto__'], 'E528'],
    [['constructor'], 'E528'],
    [['NL', '../../secret'], 'NL'],
    [['Utopia', '../../secret'], 'E528'],
  ])('%j gives %j', (values, expected) => expect(call('country', ...values)).toBe(expected))
})

describe('$date', () => {
  test.each([
    [['31-12-2026', 'dmy'], '2026-12-31'],
    [['1/2/2026', 'dmy'], '2026-02-01'],
    [['1/2/2026', 'mdy'], '2026-01-02'],
    [['20261231', 'ymd'], '2026-12-31'],
    [['2026.1.2', 'ymd'], '2026-01-02'],
    [['2026-12-31'], '2026-12-31'],
    [['2026-12-30T23:00:00Z'], '2026-12-31'],
    [['', 'dmy'], undefined],
    [[undefined], undefined],
    [['31-02-2026', 'dmy'], 'E512'],
    [['31-12/2026', 'dmy'], 'E512'],
    [['31-12-26', 'dmy'], 'E512'],
    [['00000000', 'ymd'], 'E512'],
    [['31-12-2026', 'ydm'], 'E512'],
    [['31-12-2026', 'constructor'], 'E512'],
    [['2026-12-31T12:00:00'], 'E512'],
  ])('%j gives %j', (values, expected) => expect(call('date', ...values)).toBe(expected))
})

describe('$timestamp', () => {
  test.each([
    [['2026-07-01 12:00:00'], '2026-07-01T10:00:00.000000Z'],
    [['2026-07-01 12:00:00', 'UTC'], '2026-07-01T12:00:00.000000Z'],
    [['2026-07-01T12:00:00+01:00', 'Asia/Tokyo'], '2026-07-01T11:00:00.000000Z'],
    [['2026-07-01', 'Asia/Tokyo'], '2026-06-30T15:00:00.000000Z'],
    [[undefined, 'UTC'], undefined],
    [['tomorrow'], 'E513'],
    [[1_700_000_000], 'E515'],
    [['2026-07-01 12:00', 'Mars/Olympus'], 'E514'],
  ])('%j gives %j', (values, expected) => expect(call('timestamp', ...values)).toBe(expected))

  test('an hour that the clocks skip, and nanoseconds that are cut, are told as changes', () => {
    changes.length = 0
    expect(call('timestamp', '2026-03-29 02:30', 'Europe/Amsterdam')).toBe('2026-03-29T01:30:00.000000Z')
    expect(call('timestamp', '2026-03-29T01:30:00.123456789Z')).toBe('2026-03-29T01:30:00.123456Z')
    expect(changes).toEqual(['E541', 'E540'])
  })
})

describe('$hash and $nullif', () => {
  test('a hash is that of the text in UTF-8', () => {
    expect(call('hash', 'é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c')
    expect(call('hash', 1)).toBe(call('hash', '1'))
    expect(call('hash', { b: 1, a: 2 })).toBe(call('hash', { a: 2, b: 1 }))
    expect(call('hash', undefined)).toBe(undefined)
  })

  test.each([
    [['n/a', 'n/a'], undefined],
    [['n/a', ['', 'n/a']], undefined],
    [[0, 0], undefined],
    [['0', 0], '0'],
    [['x', undefined], 'x'],
    [
      [
        [1, 2],
        [1, 2],
      ],
      undefined,
    ],
    [[undefined, 'x'], undefined],
  ])('$nullif of %j is %j', (values, expected) => expect(call('nullif', ...values)).toEqual(expected))
})

test('every function says how it is called, with an example that calls it', () => {
  for (const it of functions) {
    expect(it.signature).toContain(`$${it.name}(`)
    expect(it.example).toContain(`$${it.name}(`)
    expect(it.arguments[0]).toBeLessThanOrEqual(it.arguments[1])
  }
})
