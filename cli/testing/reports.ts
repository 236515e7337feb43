import picocolors from 'picocolors'
import type { ValidateReport } from '../../app/index.ts'
import type { Problem } from '../../core/errors.ts'
import type {
  ConnectionTest,
  DatasetRun,
  EvalReport,
  LineageReport,
  PlanReport,
  PreviewReport,
  RejectRecord,
  RunReport,
  SqlForm,
  StatusReport,
  TestReport,
} from '../../core/report.ts'
import type { Paint } from '../text/paint.ts'
import { problemText } from '../text/problem.ts'

/** Reports as the app gives them, one of each kind. */

const file = { path: 'pipelines/shop.yaml', text: 'pipeline: shop\nsecond: the whole file\n' }

export const placed: Problem = {
  code: 'E301',
  severity: 'error',
  at: { file, line: 1, column: 11, length: 4 },
  problem: 'No such thing as shop.',
  remedy: 'Did you mean "ship"?',
}

export const warning: Problem = { code: 'E304', severity: 'warning', problem: 'Rows come twice.' }

const colors = picocolors.createColors(false)

export const plainPaint: Paint = {
  colors,
  now: Date.parse('2026-11-21T09:20:00Z'),
  problems: (problems) => problems.map((it) => problemText(it, colors)).join('\n\n'),
}

export const lineage: LineageReport = {
  targets: [
    {
      dataset: 'shop.customers',
      connection: 'shop_db',
      from: 'public.customers',
      table: 'party',
      as: undefined,
      rows: ['state'],
      columns: [
        { column: 'id', data: ['customer_no'], control: [], open: false },
        { column: 'kind', constant: 'person', data: [], control: [], open: false },
        {
          column: 'full_name',
          expression: 'vip ? `Last "Name"`',
          data: ['`Last "Name"`'],
          control: ['vip'],
          open: false,
        },
      ],
    },
    {
      dataset: 'crm.people',
      connection: 'crm',
      from: 'people',
      table: 'party',
      as: 'main',
      rows: [],
      columns: [
        { column: 'full_name', expression: '$each(names, $f)', data: ['names.*'], control: [], open: true },
      ],
    },
  ],
  problems: [],
}

export const customers: DatasetRun = {
  dataset: 'shop.customers',
  status: 'ok',
  road: 'stream',
  mode: 'incremental',
  startedAt: '2026-11-21T09:12:43.000000Z',
  endedAt: '2026-11-21T09:12:44.400000Z',
  counts: { read: 20_541, loaded: 20_512, unchanged: 21, superseded: 0, filtered: 4, rejected: 4 },
  deleted: 3,
  tables: {
    party: { inserted: 20_000, updated: 512, deleted: 0 },
    event: { inserted: 0, updated: 0, deleted: 0 },
  },
  commits: 3,
  cursor: '2026-11-21T09:12:44.002915Z',
  warnings: [],
}

const nothing = { read: 0, loaded: 0, unchanged: 0, superseded: 0, filtered: 0, rejected: 0 }

export const failed = (dataset: string): DatasetRun => ({
  ...customers,
  dataset,
  status: 'failed',
  counts: nothing,
  deleted: 0,
  tables: {},
  problem: { code: 'E701', severity: 'error', problem: 'The lease is held.', remedy: 'Wait.' },
  failure: 'LeaseError',
  warnings: [warning],
})

export const okRun: RunReport = {
  runId: '7f3a',
  status: 'ok',
  startedAt: customers.startedAt,
  endedAt: customers.endedAt,
  datasets: [customers],
  counts: customers.counts,
  exitCode: 0,
}

export const failedRun: RunReport = {
  ...okRun,
  status: 'failed',
  datasets: [failed('shop.orders'), customers, failed('shop.lines')],
  exitCode: 7,
}

export const reject: RejectRecord = {
  id: '1',
  runId: '7f3a',
  dataset: 'shop.customers',
  sourceId: '501',
  code: 'E704',
  table: 'party',
  column: 'birth_date',
  reason: 'The text is no date.',
  createdAt: '2026-11-21T09:12:43.000000Z',
  row: { customer_id: '***' },
}

export const planned: PlanReport = {
  warehouse: { type: 'duckdb', version: 'DuckDB 1.5.5', schema: 'customer', internal: 'polder' },
  datasets: [
    {
      dataset: 'shop.customers',
      connection: 'shop_db',
      from: 'public.customers',
      road: 'stream',
      because: ['the source is on another server'],
      obstacles: [{ what: 'reach', because: 'its table lies on another server' }],
      notes: [],
      key: ['customer_id'],
      cursor: 'updated_at',
      reads: {
        mode: 'incremental',
        from: '2026-11-20T23:00:04.118273Z',
        rows: 18_400,
        fields: ['customer_id', 'email'],
      },
      deletes: {
        next: 'later',
        scanAt: '2026-11-22T00:00:00.000000Z',
        because: 'they stay until then',
      },
      nullMarks: 2,
      parts: [
        {
          table: 'party',
          relation: 'party__shop__customers',
          state: 'new',
          columns: ['id', 'given_name'],
        },
        {
          table: 'identifier',
          relation: 'identifier__shop__customers',
          state: 'live',
          columns: ['id', 'value'],
        },
      ],
      mapping: { hash: 'a1b2c3d4e5f6', changed: false },
      contract: {
        word: 'evolve',
        changes: [
          { field: 'phone', change: 'added', now: 'text', used: false, effect: 'accepted' },
          { field: 'fax', change: 'removed', was: 'text', used: false, effect: 'told' },
        ],
      },
    },
  ],
  ddl: [{ name: 'create part party__shop__customers', sql: 'create table p (\n  id text)' }],
  problems: [warning],
}

export const previewed: PreviewReport = {
  dataset: 'shop.customers',
  rows: [
    {
      in: { id: 501, email: 'A@B.NL', code: 'x', severity: 'error', problem: 'late delivery' },
      fate: 'load',
      out: { party: [{ id: 'shop:customers:501', given_name: null }], identifier: [{ value: 'A@B.NL' }] },
    },
    { in: { id: 502 }, fate: 'filtered', out: {} },
    {
      in: { id: 503 },
      fate: 'rejected',
      out: {},
      reject: { code: 'E512', reason: 'is no date', table: 'party', column: 'birth_date' },
    },
  ],
  problems: [],
}

export const evaluated: EvalReport = {
  expression: 'vip ? $uppercase(name)',
  dataset: 'shop.customers',
  type: 'text, or missing',
  data: ['name'],
  control: ['vip'],
  open: false,
  road: { runs: 'interpreter', because: 'it is nested too deep' },
  rows: [{ value: 'ADA', micros: 0.42 }, { micros: 0.3 }, { problem: placed }],
  problems: [warning],
}

export const saidForm: SqlForm = {
  warehouse: 'postgres',
  verdict: 'guarded',
  because: 'rows that the guard does not prove go through JavaScript',
  sql: 'upper("name")',
  guard: '"name" is ascii',
  viewable: true,
}

export const statuses: StatusReport = {
  datasets: [
    {
      dataset: 'shop.customers',
      lastRun: { runId: '7f3a', status: 'ok', endedAt: '2026-11-21T09:12:00Z', counts: customers.counts },
      freshAt: '2026-11-21T09:12:00Z',
      openRejects: 4,
      schedule: '*/15 * * * *',
    },
    {
      dataset: 'sap.orders',
      lastRun: {
        runId: '11aa',
        status: 'failed',
        endedAt: '2026-11-20T03:00:00Z',
        counts: nothing,
        problem: {
          code: 'E401',
          severity: 'error',
          problem: 'The token was revoked.',
          remedy: 'polder connect test sap',
        },
      },
      openRejects: 0,
      holder: 'worker-1',
    },
    { dataset: 'crm.deals', openRejects: 0 },
  ],
}

export const tested: TestReport = {
  passed: 1,
  failed: 1,
  tests: [
    {
      pipeline: 'shop',
      name: 'bad one',
      passed: false,
      place: 'pipelines/shop.yaml:40:5',
      differences: ['party: expected 1 row, found 2'],
      problems: [placed],
    },
    {
      pipeline: 'shop',
      name: 'good one',
      passed: true,
      place: 'pipelines/shop.yaml:30:5',
      differences: [],
      problems: [],
    },
  ],
}

export const connections: ConnectionTest[] = [
  {
    connection: 'sap',
    connector: 'http',
    ok: false,
    millis: 30,
    problem: { code: 'E401', severity: 'error', problem: 'The token was revoked.' },
  },
  { connection: 'shop_db', connector: 'postgres', ok: true, answer: 'PostgreSQL 15.18', millis: 12 },
]

export const validated: ValidateReport = { files: 6, problems: [placed, warning], unchecked: ['crm'] }
