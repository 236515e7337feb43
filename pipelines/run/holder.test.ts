import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { holderOfThisProcess, isDeadHolder } from './holder.ts'

test('this process is alive', () => {
  expect(isDeadHolder(holderOfThisProcess())).toBe(false)
})

test('a process that has ended is dead', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  const { pid } = child
  await once(child, 'exit')
  expect(isDeadHolder(`${hostname()}/${pid}//x`)).toBe(true)
})

test('another process under the same pid is not the holder', () => {
  expect(isDeadHolder(`${hostname()}/${process.pid}/1/x`)).toBe(true)
})

test('a holder on another machine is never guessed dead', () => {
  expect(isDeadHolder('elsewhere/1/1/x')).toBe(false)
})
