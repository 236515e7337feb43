import type { PlannedDataset, PlannedDeletes, PlanReport } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import type { Colors } from '../printer.ts'
import { findings, number, some } from './format.ts'
import { mark, type Paint } from './paint.ts'

const FIELDS_SHOWN = 12
const CHANGES_SHOWN = 10

/** What the next run would do; what stays as it is gets one line. */
export function planText(report: PlanReport, options: { sql: boolean }, paint: Paint): string {
  const { version, type, schema, internal } = report.warehouse
  const blocks = [`Warehouse ${type} (${version})   schema ${schema}, internal ${internal}`]
  for (const it of report.datasets) blocks.push(datasetText(it, paint.colors))
  blocks.push(ddlText(report.ddl, options.sql, paint.colors))
  if (report.problems.length > 0) blocks.push(paint.problems(report.problems))
  blocks.push(closing(report, paint.colors))
  return blocks.join('\n\n')
}

function datasetText(it: PlannedDataset, colors: Colors): string {
  const lines = [
    `${colors.bold(it.dataset)}  from ${it.connection} ${it.from}`,
    `  road     ${it.road}${it.roadWas ? colors.yellow(` (was ${it.roadWas})`) : ''}${it.because.length > 0 ? `: ${it.because.join('; ')}` : ''}`,
    ...it.notes.map((note) => `  note     ${note}`),
    ...obstacleLines(it, colors),
    `  key      ${it.key.join(', ')}${it.cursor ? `   cursor ${it.cursor}` : '   no cursor'}`,
    ...(it.lookups ?? []).map((one) => `  with     ${lookupText(one)}`),
    ...(it.road === 'view'
      ? []
      : [`  reads    ${readsText(it.reads)}`, `  deletes  ${deletesText(it.deletes)}`]),
    `  fields   ${fieldsText(it.reads.fields)}`,
    ...partLines(it, colors),
  ]
  if (it.mapping.changed)
    lines.push(`  ${colors.yellow('~')} mapping changed (now ${it.mapping.hash.slice(0, 8)})`)
  lines.push(...contractLines(it.contract, colors))
  if (it.nullMarks)
    lines.push(
      `  ${mark.warning(colors)} ${plural(it.nullMarks, 'row has', 'rows have')} no ${it.cursor}: only a full read sees them`,
    )
  return lines.join('\n')
}

const OBSTACLES_SHOWN = 6

/** What would have to change for the dataset to be mapped in place; a wish for a copy needs no reason. */
function obstacleLines({ road, obstacles }: PlannedDataset, colors: Colors): string[] {
  if (road === 'view' || obstacles.every((it) => it.what === 'load: copy')) return []
  const shown = obstacles
    .slice(0, OBSTACLES_SHOWN)
    .map((it) => `    ${colors.dim('–')} ${obstacleText(it, colors)}`)
  if (obstacles.length === 1) return [`  in place no: ${obstacleText(obstacles[0]!, colors)}`]
  const more = obstacles.length - shown.length
  return ['  in place no:', ...shown, ...(more > 0 ? [`    … and ${more} more`] : [])]
}

function obstacleText(
  { what, because, file, line, column }: PlannedDataset['obstacles'][number],
  colors: Colors,
): string {
  const place = file === undefined ? '' : colors.dim(`  ${file}:${line}:${column}`)
  return what === 'reach' ? because : `${what}: ${because}${place}`
}

function readsText({ mode, from, rows }: PlannedDataset['reads']): string {
  const since = from === undefined ? '' : ` from ${from}`
  return `${mode}${since}${rows === undefined ? '' : ` · ≈ ${number(rows)} rows`}`
}

function lookupText(it: NonNullable<PlannedDataset['lookups']>[number]): string {
  const rows = it.rows === undefined ? '' : ` · ≈ ${number(it.rows)} rows`
  const pairs = it.on.map((name, at) => `${name} = ${it.key[at]}`).join(' and ')
  const fields = it.fields.length > 0 ? ` · fields ${fieldsText(it.fields)}` : ''
  return `${it.name} from ${it.from} on ${pairs}${it.many ? ', many' : ''}${rows}${fields}`
}

const DELETES = {
  full: 'found by this full read',
  scan: 'found by a key scan after this reading',
  later: 'found by the next key scan',
  none: 'not looked for',
}

function deletesText({ next, scanAt, told, because }: PlannedDeletes): string {
  const marked = { expression: 'marked by an expression', source: 'told by the source' }
  const due = next === 'later' ? `, due ${scanAt}` : ''
  const how =
    next === 'none' && told ? marked[told] : `${DELETES[next]}${due}${told ? `, or ${marked[told]}` : ''}`
  return `${how}: ${because}`
}

const fieldsText = (fields: string[]): string =>
  fields.includes('*') ? 'all' : `${fields.length}: ${some(fields, FIELDS_SHOWN)}`

/** New parts with their columns; live ones whose mapping stayed are only counted. */
function partLines({ parts, mapping }: PlannedDataset, colors: Colors): string[] {
  const told = parts.filter((it) => it.state === 'new' || mapping.changed)
  const lines = told.map((it) => {
    const sign = it.state === 'new' ? colors.green('+') : colors.yellow('~')
    const watched = it.appendOn ? `; a row is added on a change of ${it.appendOn.join(', ')}` : ''
    return `  ${sign} ${it.table}  as ${it.relation}: ${it.columns.join(', ')}${watched}`
  })
  const same = parts.filter((it) => !told.includes(it))
  if (same.length > 0)
    lines.push(
      colors.dim(`  = ${plural(same.length, 'table')} unchanged: ${same.map((it) => it.table).join(', ')}`),
    )
  return lines
}

/** How the source differs from the last reading, and what becomes of it. */
function contractLines({ word, changes }: PlannedDataset['contract'], colors: Colors): string[] {
  if (changes.length === 0) return word === 'evolve' ? [] : [`  contract ${word}`]
  const lines = changes.map((it) => {
    const sign = it.effect === 'stops' ? mark.failed(colors) : colors.yellow(SIGNS[it.change])
    const types = it.change === 'retyped' ? `${it.was} → ${it.now}` : (it.now ?? it.was)
    const used = it.used ? ', used by the mapping' : ''
    return `    ${sign} ${it.field} ${it.change} (${types}${used}): ${EFFECTS[it.effect]}`
  })
  return [`  contract ${word}; since the last reading the source has changed:`, ...lines]
}

const SIGNS = { added: '+', removed: '–', retyped: '~' }
const EFFECTS = {
  accepted: 'accepted',
  'rejects rows': 'rows with such a value are rejected',
  'leaves out values': 'such values are left out',
  told: 'a warning',
  stops: 'the run stops before it reads',
}

function ddlText(ddl: PlanReport['ddl'], sql: boolean, colors: Colors): string {
  if (ddl.length === 0) return colors.dim('= the warehouse needs no change')
  const head = `The warehouse needs ${plural(ddl.length, 'change')}${sql ? '' : ' (--sql shows them in full)'}:`
  const shown = sql ? ddl : ddl.slice(0, CHANGES_SHOWN)
  const lines = shown.flatMap((it) => [
    `  ${colors.green('+')} ${it.name}`,
    ...(sql ? [it.sql.replace(/^/gm, '      ')] : []),
  ])
  if (shown.length < ddl.length) lines.push(`  … and ${ddl.length - shown.length} more`)
  return [head, ...lines].join('\n')
}

function closing({ problems, datasets }: PlanReport, colors: Colors): string {
  const told = findings(problems)
  if (problems.some((it) => it.severity === 'error')) return `${mark.failed(colors)} ${told}`
  const ready = `${plural(datasets.length, 'dataset')} ready · no rows were written`
  return told ? `${mark.warning(colors)} ${told} · ${ready}` : `${mark.ok(colors)} ${ready}`
}
