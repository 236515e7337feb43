import type { LineageReport } from '../../core/report.ts'
import type { Colors } from '../printer.ts'
import { findings, table } from './format.ts'
import { mark, type Paint } from './paint.ts'

type Target = LineageReport['targets'][number]
type Column = Target['columns'][number]

/** By table and column: which fields of which dataset feed it, and which ones decide it. */
export function lineageText(report: LineageReport, paint: Paint): string {
  const { colors } = paint
  const tables = [...new Set(report.targets.map((it) => it.table))]
  const blocks = tables.map((name) => tableText(name, report.targets, colors))
  if (report.problems.length > 0)
    blocks.push(
      paint.problems(report.problems),
      `${mark.failed(colors)} ${findings(report.problems)}: their columns are not shown`,
    )
  return blocks.join('\n\n')
}

function tableText(name: string, all: Target[], colors: Colors): string {
  const targets = all.filter((it) => it.table === name)
  const columns = [...new Set(targets.flatMap((it) => it.columns.map((one) => one.column)))]
  const rows = columns.flatMap((column) => {
    const lines = targets.flatMap((target) =>
      target.columns.filter((it) => it.column === column).map((it) => columnCells(target, it, colors)),
    )
    return lines.map((cells, at) => [at === 0 ? `  ${column}` : '', ...cells])
  })
  const decided = targets.filter((it) => it.rows.length > 0)
  const rowLines = decided.map((it, at) => [
    at === 0 ? colors.dim('  (rows)') : '',
    nameOf(it),
    '',
    decidedBy(it.rows, it, colors),
  ])
  return [colors.bold(name), ...table([...rows, ...rowLines])].join('\n')
}

const nameOf = ({ dataset, as }: Target): string => (as === undefined ? dataset : `${dataset}#${as}`)

const columnCells = (target: Target, { data, control, constant, open }: Column, colors: Colors): string[] => [
  nameOf(target),
  constant !== undefined
    ? JSON.stringify(constant)
    : data.length > 0
      ? placesText(data, target)
      : colors.dim('no field'),
  [decidedBy(control, target, colors), open ? colors.dim('(names known only when a row is read)') : '']
    .filter(Boolean)
    .join(' '),
]

const decidedBy = (paths: string[], target: Target, colors: Colors): string =>
  paths.length === 0 ? '' : colors.dim(`decided by ${placesText(paths, target)}`)

const placesText = (paths: string[], target: Target): string =>
  paths.map((it) => placeText(it, target)).join(', ')

/** `category.category_name (public.categories)`: what is looked up, with the table that it comes from. */
function placeText(path: string, target: Target): string {
  const lookup = lookupOf(path, target)
  return lookup ? `${path} (${lookup.from})` : path
}

const lookupOf = (path: string, { lookups = [] }: Target) =>
  lookups.find(({ name }) => path === name || path.startsWith(`${name}.`))

/** A flow chart in Mermaid's language: whole arrows for values, dotted ones for what decides them. */
export function mermaidText({ targets }: LineageReport): string {
  const ids = new Map<string, string>()
  const lines: string[] = []
  const node = (label: string): string => {
    if (!ids.has(label)) {
      ids.set(label, `n${ids.size}`)
      lines.push(`  ${ids.get(label)}["${escaped(label)}"]`)
    }
    return ids.get(label)!
  }
  for (const target of targets) {
    const of = (path: string) => node(`${target.dataset}: ${placeText(path, target)}`)
    for (const { column, data, control } of target.columns) {
      const to = node(`${target.table}.${column}`)
      for (const it of data) lines.push(`  ${of(it)} --> ${to}`)
      for (const it of control) lines.push(`  ${of(it)} -.-> ${to}`)
    }
  }
  return ['flowchart LR', ...new Set(lines)].join('\n')
}

/** Quotes and brackets end a label; Mermaid reads these entities. */
const escaped = (label: string): string => label.replace(/[#"<>&`]/g, (it) => `#${it.codePointAt(0)};`)
