import { createConnection, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type CutProxy, startCutProxy } from './tcpcut.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** An echo server, the proxy before it, and what the server has heard. */
async function rig(): Promise<{ proxy: CutProxy; heard: () => string }> {
  let heard = ''
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard += chunk.toString()
      socket.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const proxy = await startCutProxy(`tcp://127.0.0.1:${port}`)
  cleanups.push(proxy.close, async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { proxy, heard: () => heard }
}

/** Sends `text` and gives what came back when the connection closed, or after `waitMs`. */
function talk(proxy: CutProxy, text: string, waitMs = 300): Promise<{ answer: string; closed: boolean }> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = createConnection(proxy.port, '127.0.0.1', () => socket.write(text))
    const timer = setTimeout(() => end(false), waitMs)
    const end = (closed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ answer, closed })
    }
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => end(true))
  })
}

test('a healthy proxy passes everything both ways', async () => {
  const { proxy } = await rig()
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'hello', closed: false })
  expect(proxy.fired()).toBe(0)
})

test('a cut closes after exactly so many bytes, once', async () => {
  const { proxy } = await rig()
  proxy.arm({ kind: 'cut', direction: 'down', afterBytes: 3 })
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'hel', closed: true })
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'hello', closed: false })
  expect(proxy.fired()).toBe(1)
})

test('an armed cut that is to stay meets every connection until it is disarmed', async () => {
  const { proxy } = await rig()
  proxy.arm({ kind: 'cut', direction: 'up', afterBytes: 2 }, 'always')
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'he', closed: true })
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'he', closed: true })
  proxy.disarm()
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'hello', closed: false })
})

test('a dropped reply: the server has done it, the client never hears', async () => {
  const { proxy, heard } = await rig()
  proxy.arm({ kind: 'dropReply', pattern: /commit/i })
  expect(await talk(proxy, 'begin')).toEqual({ answer: 'begin', closed: false })
  expect(await talk(proxy, 'COMMIT')).toEqual({ answer: '', closed: true })
  expect(heard()).toBe('beginCOMMIT')
})

test('a server that goes away with its reply is away for everybody, and comes back', async () => {
  const { proxy } = await rig()
  const other = talk(proxy, 'hello', 2_000)
  await new Promise((resolve) => setTimeout(resolve, 50))
  proxy.arm({ kind: 'dropReply', pattern: /commit/i, awayMs: 200 })
  expect(await talk(proxy, 'COMMIT')).toEqual({ answer: '', closed: true })
  expect(await other).toEqual({ answer: 'hello', closed: true })
  expect(await talk(proxy, 'hello')).toEqual({ answer: '', closed: true })
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'hello', closed: false })
})

test('a stall that is released lets everything arrive, late and in order', async () => {
  const { proxy } = await rig()
  proxy.arm({ kind: 'stall', direction: 'down', afterBytes: 2 })
  const talking = talk(proxy, 'hello', 600)
  await new Promise((resolve) => setTimeout(resolve, 100))
  proxy.release()
  expect(await talking).toEqual({ answer: 'hello', closed: false })
})

test('a stall holds the connection open and silent', async () => {
  const { proxy } = await rig()
  proxy.arm({ kind: 'stall', direction: 'down', afterBytes: 2 })
  expect(await talk(proxy, 'hello')).toEqual({ answer: 'he', closed: false })
})

test('a slow line passes everything, no faster than its bytes a second', async () => {
  const { proxy } = await rig()
  proxy.arm({ kind: 'slow', direction: 'down', bytesPerSecond: 100 })
  const startedAt = performance.now()
  const { answer } = await talk(proxy, 'x'.repeat(50), 400)
  expect(answer.length).toBeGreaterThan(5)
  expect(answer.length).toBeLessThanOrEqual(((performance.now() - startedAt) / 1000) * 100 + 5)
  expect(proxy.fired()).toBe(1)
})
