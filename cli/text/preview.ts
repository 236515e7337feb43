import type { PreviewReport, PreviewRow } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import type { Row } from '../../core/value.ts'
import type { Colors } from '../printer.ts'
import { mark, type Paint } from './paint.ts'

/** Every row as it came in and what it would make. Nothing is masked: looking is the purpose. */
export function previewText(report: PreviewReport, paint: Paint): string {
  const blocks = report.rows.map((it) => rowText(it, paint.colors))
  if (report.problems.length > 0) blocks.push(paint.problems(report.problems))
  blocks.push(closing(report.rows, paint.colors))
  return blocks.join('\n\n')
}

function rowText(row: PreviewRow, colors: Colors): string {
  return [`${colors.dim('in ')}  ${JSON.stringify(row.in)}`, ...outLines(row, colors)].join('\n')
}

function outLines({ fate, out, reject }: PreviewRow, colors: Colors): string[] {
  if (fate === 'filtered') return [`${colors.dim('out')}  – filtered: outside where`]
  if (fate === 'rejected')
    return [`${colors.dim('out')}  ${mark.failed(colors)} rejected: ${rejectText(reject)}`]
  const made = Object.entries(out).flatMap(([table, rows]) => rows.map((it) => ({ table, row: it })))
  if (made.length === 0) return [`${colors.dim('out')}  – makes no row`]
  return made.map(({ table, row }, i) => {
    const head = i === 0 ? colors.dim('out') : '   '
    return `${head}  ${colors.bold(table)}  ${valuesText(row, colors)}`
  })
}

function rejectText(reject: PreviewRow['reject']): string {
  if (!reject) return 'no reason given'
  const column = [reject.table, reject.column].filter(Boolean).join('.')
  return [reject.code, column, reject.reason].filter(Boolean).join('  ')
}

const valuesText = (row: Row, colors: Colors): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${colors.dim(name)} ${JSON.stringify(value)}`)
    .join('  ')

function closing(rows: PreviewRow[], colors: Colors): string {
  if (rows.length === 0) return '– the source gave no rows · nothing was written'
  const of = (fate: PreviewRow['fate']) => rows.filter((it) => it.fate === fate).length
  const parts = [plural(rows.length, 'row read', 'rows read')]
  if (of('filtered') > 0) parts.push(`${of('filtered')} filtered`)
  if (of('rejected') > 0) parts.push(`${of('rejected')} rejected`)
  const sign = of('rejected') > 0 ? mark.warning(colors) : mark.ok(colors)
  return `${sign} ${parts.join(' · ')} · nothing was written`
}
