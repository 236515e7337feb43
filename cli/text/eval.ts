import type { EvalReport, EvalRow } from '../../core/report.ts'
import type { Colors } from '../printer.ts'
import { table } from './format.ts'
import { mark, type Paint } from './paint.ts'

/** The results, then what is known of the expression. Nothing is masked: looking is the purpose. */
export function evalText(report: EvalReport, paint: Paint): string {
  const { colors } = paint
  const blocks = [
    ...report.rows.map((it) => rowText(it, paint)),
    ...(report.rows.length === 0 ? [`${mark.warning(colors)} the source gave no rows`] : []),
    toldText(report, colors),
  ]
  if (report.problems.length > 0) blocks.push(paint.problems(report.problems))
  return blocks.join('\n\n')
}

function rowText({ value, problem }: EvalRow, { colors, problems }: Paint): string {
  if (problem) return problems([problem])
  return value === undefined ? colors.dim('missing') : JSON.stringify(value, null, 2)
}

function toldText({ type, data, control, open, road, rows }: EvalReport, colors: Colors): string {
  const fields = data.length > 0 ? data.join(', ') : 'none'
  const lines = [
    ['type', type],
    ['fields', open ? `${fields} (names known only when a row is read)` : fields],
    ...(control.length > 0 ? [['decided by', control.join(', ')]] : []),
    ['road', road.runs === 'compiled' ? 'compiled to JavaScript' : `the interpreter: ${road.because}`],
    ...timeLine(rows),
  ]
  return table(lines.map(([name, text]) => [colors.dim(name!), text!])).join('\n')
}

/** Of the row in the middle. */
function timeLine(rows: EvalRow[]): string[][] {
  const times = rows.flatMap((it) => it.micros ?? []).sort((a, b) => a - b)
  const middle = times[Math.floor(times.length / 2)]
  return middle === undefined ? [] : [['time', `${middle < 10 ? middle : Math.round(middle)} µs a row`]]
}
