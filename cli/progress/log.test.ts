import { expect, test } from 'vitest'
import { noCounts } from '../../core/counts.ts'
import type { Log } from '../../core/log.ts'
import { customers, failed, failedRun } from '../testing/reports.ts'
import { logProgress } from './log.ts'

test('a run is logged as facts: starts, commits and ends, failures as errors', () => {
  const entries: unknown[][] = []
  const write = (level: string) => (message: string, facts: object) => entries.push([level, message, facts])
  const log = { error: write('error'), info: write('info'), close: () => entries.push(['closed']) }
  const progress = logProgress(log as unknown as Log)
  const counts = { ...noCounts(), read: 10, loaded: 10 }
  progress.event({ kind: 'start', at: 0, runId: '7f3a', datasets: ['shop.customers'] })
  progress.event({ kind: 'dataset', at: 1, dataset: 'shop.customers', mode: 'full' })
  progress.event({ kind: 'committed', at: 2, dataset: 'shop.customers', counts, commits: 1 })
  progress.event({ kind: 'done', at: 3, run: customers })
  progress.event({ kind: 'done', at: 3, run: failed('shop.orders') })
  progress.event({ kind: 'end', at: 4, report: failedRun })
  progress.stop()
  expect(entries).toEqual([
    ['info', 'run started', { run: '7f3a', datasets: ['shop.customers'] }],
    ['info', 'dataset started', { dataset: 'shop.customers', mode: 'full' }],
    ['info', 'committed', { dataset: 'shop.customers', commits: 1, ...counts }],
    ['info', 'dataset ended', { dataset: 'shop.customers', status: 'ok', ...customers.counts }],
    [
      'error',
      'dataset ended',
      expect.objectContaining({ dataset: 'shop.orders', code: 'E701', problem: 'The lease is held.' }),
    ],
    ['info', 'run ended', expect.objectContaining({ run: '7f3a', status: 'failed', exitCode: 7 })],
    ['closed'],
  ])
})
