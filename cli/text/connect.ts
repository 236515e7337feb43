import type { DiscoverReport } from '../../app/index.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { ConnectionTest } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import { number, table } from './format.ts'
import { mark, type Paint } from './paint.ts'

/** One line per connection; failures last, with their reason. */
export function connectTestText(tests: ConnectionTest[], paint: Paint): string {
  const { colors } = paint
  if (tests.length === 0) return 'The project has no connections: see config/connections.yaml.'
  const sorted = [...tests].sort((a, b) => Number(b.ok) - Number(a.ok))
  const rows = sorted.map((it) => [
    `${it.ok ? mark.ok(colors) : mark.failed(colors)} ${it.connection}`,
    it.connector,
    it.answer ?? (it.ok ? 'answers' : 'failed'),
    `${number(it.millis)} ms`,
  ])
  const problems = sorted.flatMap((it) => it.problem ?? [])
  const blocks = [table(rows, [3]).join('\n')]
  if (problems.length > 0) blocks.push(paint.problems(problems))
  return blocks.join('\n\n')
}

export function discoverText(report: DiscoverReport, { colors }: Paint): string {
  if (report.dataset) return datasetText(report.dataset, colors.dim)
  const datasets = report.datasets ?? []
  if (datasets.length === 0) return `${report.connection} shows no datasets to this user.`
  const rows = datasets.map((it) => [
    it.from,
    it.kind,
    it.rows === undefined ? '' : `≈ ${number(it.rows)}`,
    colors.dim(it.description ?? ''),
  ])
  return [
    ...table([['FROM', 'KIND', 'ROWS', ''], ...rows], [2]),
    '',
    `${plural(datasets.length, 'dataset')} · fields of one: polder connect discover ${report.connection} <from>`,
  ].join('\n')
}

function datasetText(facts: DatasetFacts, dim: (text: string) => string): string {
  const rows = facts.schema.fields.map((it) => [
    it.name,
    it.type,
    dim(it.sourceType),
    it.nullable ? '' : 'not null',
    dim(it.description ?? ''),
  ])
  const size = facts.rows === undefined ? '' : ` · ≈ ${number(facts.rows)} rows`
  return [
    `${facts.from}  ${facts.kind}${size}`,
    `key     ${keyText(facts)}`,
    `cursor  ${facts.cursor ?? 'none proposed: read in full'}`,
    '',
    ...table([['FIELD', 'TYPE', 'IN THE SOURCE', '', ''], ...rows]),
    ...(facts.schema.open ? ['Rows may have more fields than these.'] : []),
  ].join('\n')
}

function keyText({ key, keyProven }: DatasetFacts): string {
  if (key.length === 0) return 'none: state key: in the pipeline'
  return `${key.join(', ')}${keyProven ? '' : ' (not enforced by the source)'}`
}
