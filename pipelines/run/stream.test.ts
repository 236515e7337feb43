import { getEventListeners } from 'node:events'
import v8 from 'node:v8'
import vm from 'node:vm'
import { expect, test } from 'vitest'
import { pulled } from './stream.ts'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

async function* batches(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    await new Promise((done) => setTimeout(done, Math.random() * 2))
    yield i
  }
}

test('readings side by side leave nothing behind on the signals that may stop them', async () => {
  const [stop, lost] = [new AbortController(), new AbortController()]
  const loading = { signal: stop.signal, lost: lost.signal, commit: { rows: 10 } }
  const read = async () => {
    let seen = 0
    for await (const _ of pulled(loading, () => batches(60))) if (++seen % 10 === 0) collect()
    return seen
  }
  expect(await Promise.all([read(), read(), read()])).toEqual([60, 60, 60])
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
  expect(getEventListeners(lost.signal, 'abort')).toHaveLength(0)
})

test('an abort ends a reading that waits for its source', async () => {
  const [stop, lost] = [new AbortController(), new AbortController()]
  const loading = { signal: stop.signal, lost: lost.signal, commit: { rows: 10 } }
  const never = async function* (): AsyncGenerator<number> {
    yield 1
    await new Promise(() => {})
  }
  const seen: number[] = []
  for await (const it of pulled(loading, never)) {
    seen.push(it)
    setTimeout(() => stop.abort(), 5)
  }
  expect(seen).toEqual([1])
})
