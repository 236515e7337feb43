import { expect, test } from 'vitest'
import { onInterrupt } from './interrupt.ts'
import { capturedIo } from './testing/io.ts'

test('fault 4: the first signal asks to stop, the second ends with "resumable"', () => {
  const io = capturedIo()
  const said: string[] = []
  const interrupt = onInterrupt(io, (text) => said.push(text), 'stopping')
  io.signals.emit('SIGINT')
  expect([interrupt.signal.aborted, said, io.exits]).toEqual([true, ['stopping'], []])
  io.signals.emit('SIGTERM')
  expect([said, io.exits]).toEqual([['stopping'], [5]])
})

test('the handlers go with the command', () => {
  const io = capturedIo()
  onInterrupt(io, () => {}, 'stopping').remove()
  expect(io.signals.listenerCount('SIGINT') + io.signals.listenerCount('SIGTERM')).toBe(0)
})
