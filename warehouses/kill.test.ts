import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { warehouses } from './index.ts'
import { part, table, text, viewRows } from './testing.ts'

const party = table('party', [text('name')])
const place = (root: string) => ({ root, options: {}, schema: 'customer', internal: 'polder' })
const here = new URL('./testing.ts', import.meta.url).href
const doors = new URL('./index.ts', import.meta.url).href

/** Loads two commits of 100 rows; the kill point comes in between. */
const CHILD = `
  const { warehouses } = await import('${doors}')
  const { ready, table, text } = await import('${here}')
  const session = await warehouses[0].open(JSON.parse(process.env.PLACE))
  const party = table('party', [text('name')])
  const it = await ready(session, { party: [party, ['id', 'name']] })
  for (const round of [1, 2]) {
    await it.load(Array.from({ length: 100 }, (_, i) => ({ key: round + '-' + i, rows: { party: [{ id: round + '-' + i, name: 'x' }] } })))
  }
`

let root: string
afterEach(() => rm(root, { recursive: true }))

test.each([
  ['K5:2', 'while staging', 100, 'done'],
  ['K7:2', 'inside the second commit', 100, 'done'],
  ['K8:2', 'after the second commit, unreported', 200, 'already'],
])(
  'fault 1: a process killed at %s, %s, leaves whole commits and a settled id',
  async (at, _where, rows, outcome) => {
    root = await mkdtemp(join(tmpdir(), 'polder-kill-'))
    const env = { ...process.env, POLDER_FAULT_AT: at, PLACE: JSON.stringify(place(root)) }
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', CHILD], {
      env,
      stdio: 'ignore',
    })
    const [, signal] = await once(child, 'exit')
    expect(signal).toBe('SIGKILL')
    const session = await warehouses[0]!.open(place(root))
    const fence = await session.lease('shop.customers', 'host:2', 60_000, () => true)
    expect(fence.epoch).toBe(2)
    expect(await viewRows(session, party, ['id'])).toHaveLength(rows)
    expect(Object.keys(await session.commit('commit 2', fence, async () => 0))).toEqual([outcome])
    expect(await session.pending(await session.partSteps(part(session, party), party))).toEqual([])
    await session.close()
  },
)
