import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { noCounts } from '../../core/counts.ts'
import type { RunEvent } from '../../core/report.ts'
import { createPrinter } from '../printer.ts'
import { type CapturedIo, capturedIo } from '../testing/io.ts'
import { customers, failed } from '../testing/reports.ts'
import { startProgress } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

const start: RunEvent = { kind: 'start', at: 0, runId: '7f3a', datasets: ['shop.customers', 'shop.orders'] }
const begun: RunEvent = { kind: 'dataset', at: 1, dataset: 'shop.customers', mode: 'full', estimate: 18_400 }
const progressed = (read: number): RunEvent => ({
  kind: 'progress',
  at: 1000,
  dataset: 'shop.customers',
  counts: { ...noCounts(), read, rejected: 4 },
  rowsPerSecond: 2310,
  doing: 'reading',
  committed: 0,
})

const begin = async (tty: boolean) => {
  const io = capturedIo({ tty, now: () => Date.now(), env: { NO_COLOR: '1' } })
  const printer = createPrinter(io, { quiet: false, color: true })
  return { io, progress: await startProgress(printer, io.now) }
}

/** What a terminal would show: lines up, erase to the end, text. */
function screen(io: CapturedIo): string[] {
  const [head = '', ...controls] = io.err().split('\u001b[')
  let shown = head
  for (const part of controls) {
    const [, count = '', letter, text = ''] = /^(\d*)([AJ])(.*)$/s.exec(part)!
    if (letter === 'A')
      shown = shown
        .split('\n')
        .slice(0, -1 - Number(count))
        .concat('')
        .join('\n')
    shown += text
  }
  return shown.split('\n')
}

test('a terminal shows a bar with an estimate, and what has ended scrolls away above', async () => {
  const { io, progress } = await begin(true)
  progress.event(start)
  progress.event(begun)
  progress.event(progressed(13_900))
  vi.advanceTimersByTime(200)
  expect(screen(io)).toEqual([
    'run 7f3a',
    '  shop.customers  ████████████░░░░  13,900/≈18,400  2,310 rows/s  rejects 4  reading',
    expect.stringMatching(
      /^ {2}mem [\d,]+ MB · 1 waiting their turn · Ctrl-C stops after the current commit$/,
    ),
    '',
  ])
  progress.event({ kind: 'done', at: 1400, run: customers })
  progress.event({ kind: 'done', at: 1500, run: failed('shop.orders') })
  progress.stop()
  expect(screen(io)).toEqual([
    'run 7f3a',
    '  shop.customers  ✔ 20,541 rows  1.4 s  rejects 4',
    '  shop.orders     ✖ E701 The lease is held.',
    '',
  ])
})

test('without an estimate there is no bar, and waiting says for what', async () => {
  const { io, progress } = await begin(true)
  progress.event(start)
  progress.event({ ...begun, estimate: undefined })
  progress.event({ ...progressed(7), doing: 'retrying' } as RunEvent)
  vi.advanceTimersByTime(200)
  progress.stop()
  expect(io.err()).toContain('shop.customers  7 rows  2,310 rows/s  rejects 4  ⏸ retrying')
  expect(io.err()).not.toMatch(/[█░≈]/)
})

test('the terminal is drawn at most eight times a second, however many events come', async () => {
  const { io, progress } = await begin(true)
  progress.event(start)
  progress.event(begun)
  for (let i = 0; i < 1000; i++) {
    progress.event(progressed(i))
    vi.advanceTimersByTime(1)
  }
  progress.stop()
  expect(io.err().match(/mem /g)!.length).toBeLessThanOrEqual(8)
})

test('a still terminal is drawn once a second', async () => {
  const { io, progress } = await begin(true)
  vi.advanceTimersByTime(5000)
  progress.stop()
  expect(io.err().match(/opening the project/g)!.length).toBeGreaterThanOrEqual(5)
  expect(screen(io)).toEqual([''])
})

test('a line from aside stays above what is redrawn', async () => {
  const { io, progress } = await begin(true)
  progress.event(start)
  progress.event(begun)
  vi.advanceTimersByTime(200)
  progress.aside(() => io.stderr.write('stopping\n'))
  vi.advanceTimersByTime(200)
  expect(screen(io).slice(0, 2)).toEqual(['run 7f3a', 'stopping'])
  progress.stop()
})

test('elsewhere there are plain lines: start, every ten seconds, end', async () => {
  const { io, progress } = await begin(false)
  progress.event(start)
  progress.event(begun)
  for (let i = 1; i <= 25; i++) {
    progress.event(progressed(i))
    vi.advanceTimersByTime(1000)
  }
  progress.event({ kind: 'done', at: 25_000, run: customers })
  progress.stop()
  expect(io.err().split('\n')).toEqual([
    'run 7f3a  2 datasets',
    '  shop.customers  full read of ≈18,400 rows',
    expect.stringContaining('10/≈18,400'),
    expect.stringContaining('20/≈18,400'),
    '  shop.customers  ✔ 20,541 rows  1.4 s  rejects 4',
    '',
  ])
  expect(io.err()).not.toContain('\u001b')
})

test('silence is never longer than ten seconds, even before anything began', async () => {
  const { io, progress } = await begin(false)
  vi.advanceTimersByTime(30_000)
  progress.stop()
  expect(io.err().match(/opening the project/g)).toHaveLength(3)
})
