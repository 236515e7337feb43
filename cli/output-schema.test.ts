import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { connectTestOutcome, discoverOutcome } from './commands/connect.ts'
import { evalOutcome } from './commands/eval.ts'
import { lineageOutcome } from './commands/lineage.ts'
import { planOutcome } from './commands/plan.ts'
import { previewOutcome } from './commands/preview.ts'
import { rejectsOutcome } from './commands/rejects.ts'
import { runOutcome } from './commands/run.ts'
import { runsOutcome } from './commands/runs.ts'
import { statusOutcome } from './commands/status.ts'
import { testOutcome } from './commands/test.ts'
import { validateOutcome } from './commands/validate.ts'
import type { Outcome } from './context.ts'
import { envelope } from './envelope.ts'
import { output, outputJsonSchema } from './output-schema.ts'
import * as reports from './testing/reports.ts'

const FILE = new URL('./output.schema.json', import.meta.url)
const shown = { reveal: false, limit: 50 }
const facts = {
  from: 'public.customers',
  schema: { fields: [{ name: 'id', type: 'integer', sourceType: 'int8', nullable: false } as const] },
  key: ['id'],
  keyProven: true,
  kind: 'table',
  rows: 3,
} as const

const outcomes: Record<string, Outcome[]> = {
  validate: [validateOutcome(reports.validated, 400)],
  plan: [planOutcome(reports.planned, true)],
  lineage: [lineageOutcome(reports.lineage, false)],
  preview: [previewOutcome(reports.previewed)],
  eval: [
    evalOutcome(reports.evaluated),
    evalOutcome({ ...reports.evaluated, road: { runs: 'compiled', backEnd: 'direct' }, rows: [] }),
    evalOutcome({ ...reports.evaluated, sql: reports.saidForm }),
  ],
  run: [runOutcome(reports.okRun, []), runOutcome(reports.failedRun, [])],
  status: [statusOutcome(reports.statuses)],
  'runs list': [runsOutcome([reports.okRun, reports.failedRun])],
  'runs show': [runOutcome(reports.okRun, [])],
  'rejects list': [rejectsOutcome([reports.reject], shown)],
  test: [testOutcome(reports.tested)],
  'connect test': [connectTestOutcome(reports.connections)],
  'connect discover': [
    discoverOutcome({ connection: 'shop_db', datasets: [{ from: 'a', kind: 'view', rows: 2 }] }),
    discoverOutcome({
      connection: 'shop_db',
      dataset: { ...facts, schema: facts.schema, key: ['id'] } as never,
    }),
  ],
}

const printed = (command: string, outcome: Outcome) =>
  JSON.parse(JSON.stringify(envelope(command, outcome))) as unknown

test.each(Object.entries(outcomes))('the envelope of "%s" fits the schema', (command, all) => {
  for (const outcome of all) expect(output.safeParse(printed(command, outcome)).error).toBeUndefined()
})

test('status leaves out what the app stores beyond its report', () => {
  const [dataset] = reports.statuses.datasets
  const more = { ...dataset!, lastRun: { ...dataset!.lastRun!, warnings: [reports.placed], commits: 3 } }
  const outcome = statusOutcome({ datasets: [more] })
  expect(output.safeParse(printed('status', outcome)).error).toBeUndefined()
})

test('no answer carries the text of a file', () => {
  for (const [command, all] of Object.entries(outcomes))
    for (const outcome of all)
      expect(JSON.stringify(envelope(command, outcome))).not.toContain('the whole file')
})

test('a finding is flat, with null for what it has not', () => {
  const { problems } = envelope('validate', validateOutcome(reports.validated, 400))
  expect(problems).toEqual([
    {
      code: 'E301',
      severity: 'error',
      file: 'pipelines/shop.yaml',
      line: 1,
      column: 11,
      length: 4,
      problem: 'No such thing as shop.',
      remedy: 'Did you mean "ship"?',
      note: null,
    },
    expect.objectContaining({ code: 'E304', severity: 'warning', file: null, line: null }),
  ])
})

test('rejects over the warn level are still ok, failures are not', () => {
  const ok = (exitCode: number) => envelope('run', { ...runOutcome(reports.okRun, []), exitCode }).ok
  expect([0, 1, 2, 3, 4, 5, 6, 7].filter(ok)).toEqual([0, 3])
})

test('output.schema.json is what the schema says (UPDATE_SCHEMA=1 writes it)', () => {
  const schema = outputJsonSchema()
  if (process.env.UPDATE_SCHEMA) writeFileSync(FILE, `${JSON.stringify(schema, null, 2)}\n`)
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})
