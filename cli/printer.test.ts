import { expect, test } from 'vitest'
import { registerSecret } from '../core/secrets.ts'
import { createPrinter, visible, wantsColor } from './printer.ts'
import { capturedIo } from './testing/io.ts'

const options = { quiet: false, color: true }

test('a secret is masked on every way out', () => {
  registerSecret('hunter22')
  const io = capturedIo()
  const printer = createPrinter(io, options)
  printer.result('pw hunter22')
  printer.note('pw hunter22')
  printer.failure('pw hunter22')
  printer.json({ deep: [{ url: 'x:hunter22@y' }] })
  expect(io.out() + io.err()).not.toContain('hunter22')
  expect(io.out()).toContain('x:***@y')
})

test('a secret of digits leaves JSON whole', () => {
  registerSecret('20512')
  const io = capturedIo()
  createPrinter(io, options).json({ loaded: 20512, text: 'pin 20512' })
  expect(JSON.parse(io.out())).toEqual({ loaded: 20512, text: 'pin ***' })
})

test('control characters from a source are shown instead of obeyed; colours and line ends stay', () => {
  expect(visible('a\u001b[2Jb\u0007\r\n\tc\u009b1A')).toBe('a\\x1b[2Jb\\x07\\x0d\n\tc\\x9b1A')
  expect(visible('\u001b[31mred\u001b[39m')).toBe('\u001b[31mred\u001b[39m')
})

test('quiet silences progress, not failures and results', () => {
  const io = capturedIo({ tty: true })
  const printer = createPrinter(io, { quiet: true, color: false })
  printer.note('progress')
  printer.failure('failure')
  printer.result('result')
  expect([io.out(), io.err(), printer.live]).toEqual(['result\n', 'failure\n', false])
})

test('colour follows the terminal, NO_COLOR, FORCE_COLOR and --no-color', () => {
  const terminal = { write: () => {}, isTTY: true }
  const pipe = { write: () => {} }
  expect(wantsColor(terminal, {}, true)).toBe(true)
  expect(wantsColor(pipe, {}, true)).toBe(false)
  expect(wantsColor(terminal, { TERM: 'dumb' }, true)).toBe(false)
  expect(wantsColor(terminal, { NO_COLOR: '1' }, true)).toBe(false)
  expect(wantsColor(terminal, { NO_COLOR: '' }, true)).toBe(true)
  expect(wantsColor(pipe, { FORCE_COLOR: '1' }, true)).toBe(true)
  expect(wantsColor(terminal, { FORCE_COLOR: '1' }, false)).toBe(false)
})

test('a terminal that does not know its size counts as 80 by 24', () => {
  const stderr = { write: () => {}, isTTY: true, columns: 0, rows: 0 }
  expect(createPrinter(capturedIo({ stderr }), options).size()).toEqual({ columns: 80, rows: 24 })
})
