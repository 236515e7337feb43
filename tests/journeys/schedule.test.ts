import { afterAll, expect, test } from 'vitest'
import { openProject, type ScheduleEvent } from '../../app/index.ts'
import type { ScheduleClock } from '../../pipelines/index.ts'
import { warehouseProject } from '../support/project.ts'
import { freshWarehouse, WAREHOUSES, type WarehouseName } from '../support/warehouse.ts'

const MINUTE_MS = 60_000
const START_MS = Date.parse('2026-11-20T08:59:30Z')
const undo: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const FILES = {
  'config/connections.yaml': 'exports:\n  connector: files\n  path: ./data/*.csv\n',
  'pipelines/shop.yaml': [
    'pipeline: shop',
    'connection: exports',
    'schedule: "* * * * *"',
    'datasets:',
    '  customers:',
    '    from: customers.csv',
    '    key: id',
    '    to:',
    '      party:',
    '        kind: { is: person }',
    '        given_name: name',
    '',
  ].join('\n'),
  'data/customers.csv': 'id,name\n1,Ada\n2,Grace\n',
}

async function scheduledProject(name: WarehouseName) {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, FILES)
  undo.push(warehouse.drop, project.remove)
  return () => openProject(project.root, { env: { ...process.env, ...project.env } })
}

/** A clock that moves when told, for as many schedulers as follow it. */
function handClock() {
  let nowMs = START_MS
  const ticks = new Set<() => void>()
  const clock: ScheduleClock = {
    nowMs: () => nowMs,
    everyMinute: async (tick) => {
      ticks.add(tick)
      return () => ticks.delete(tick)
    },
  }
  const go = async (minutes: number) => {
    // The run before must be over and its job free again.
    await new Promise((resolve) => setImmediate(resolve))
    nowMs += minutes * MINUTE_MS
    for (const tick of ticks) tick()
  }
  return { clock, go }
}

function follower(open: Awaited<ReturnType<typeof scheduledProject>>, clock: ScheduleClock) {
  const stop = new AbortController()
  const events: ScheduleEvent[] = []
  const waiting: (() => void)[] = []
  const running = open().then((polder) =>
    polder
      .schedule({
        signal: stop.signal,
        clock,
        onEvent: () => {},
        onSchedule: (event) => {
          events.push(event)
          if (event.kind === 'waiting') for (const wake of waiting.splice(0)) wake()
        },
      })
      .finally(() => polder.close()),
  )
  // A scheduler that has ended never waits again: its error is the answer.
  const idle = () => Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), running])
  const end = async () => {
    stop.abort()
    await running
  }
  return { events, idle, end, running }
}

test.each(WAREHOUSES)('%s: a due time runs once, and one that was missed is made up for', async (name) => {
  const open = await scheduledProject(name)
  const { clock, go } = handClock()
  const first = follower(open, clock)
  await first.idle()
  const ran = first.idle()
  await go(1)
  await ran
  await first.end()
  expect(first.events.map((it) => it.kind)).toEqual(['waiting', 'due', 'ended', 'waiting'])

  await go(30)
  const second = follower(open, clock)
  await second.idle()
  await second.idle()
  await second.end()
  expect(second.events.filter((it) => it.kind === 'due')).toEqual([
    { kind: 'due', pipeline: 'shop', dueAt: '2026-11-20T09:30:00.000000Z' },
  ])
})

test('fault 6: two schedulers share the due times: each is run by one of them', async () => {
  const open = await scheduledProject('postgres')
  const { clock, go } = handClock()
  const both = [follower(open, clock), follower(open, clock)]
  await Promise.all(both.map((it) => it.idle()))
  const due: string[] = []
  for (let i = 1; i <= 10; i++) {
    const idle = both.map((it) => it.idle())
    await go(1)
    await Promise.all(idle)
    due.push(new Date(START_MS + i * MINUTE_MS).toISOString().slice(11, 16))
  }
  await Promise.all(both.map((it) => it.end()))
  const ran = both
    .flatMap((it) => it.events)
    .flatMap((it) => (it.kind === 'due' ? [it.dueAt.slice(11, 16)] : []))
  expect(ran.sort()).toEqual(due)
})
