import type { EvalReport, EvalRow, SqlForm } from '../../core/report.ts'
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

function toldText({ type, data, control, open, road, rows, sql }: EvalReport, colors: Colors): string {
  const fields = data.length > 0 ? data.join(', ') : 'none'
  const lines = [
    ['type', type],
    ['fields', open ? `${fields} (names known only when a row is read)` : fields],
    ...(control.length > 0 ? [['decided by', control.join(', ')]] : []),
    ['road', roadText(road)],
    ...timeLine(rows),
    ...(sql ? sqlLines(sql) : []),
  ]
  return table(lines.map(([name, text]) => [colors.dim(name!), text!])).join('\n')
}

const BACK_ENDS = {
  direct: 'taken from the row as it is',
  closures: 'compiled to closures',
  generated: 'compiled to closures, and to generated code where it runs often',
}

const roadText = (road: EvalReport['road']): string =>
  road.runs === 'compiled' ? BACK_ENDS[road.backEnd] : `the interpreter: ${road.because}`

const VERDICTS: Record<SqlForm['verdict'], string> = {
  exact: 'exact',
  guarded: 'guarded',
  close: 'close',
  not: 'none',
  unknown: 'not known',
}

function sqlLines({ warehouse, verdict, because, part, sql, guard, viewable }: SqlForm): string[][] {
  const session =
    viewable === false ? '; no view can hold it, since it depends on settings of the session' : ''
  return [
    [`in ${warehouse}`, `${VERDICTS[verdict]}: ${because}${part ? ` (${part})` : ''}${session}`],
    ...(sql ? [['  as', sql]] : []),
    ...(guard ? [['  where', guard]] : []),
  ]
}

/** Of the row in the middle. */
function timeLine(rows: EvalRow[]): string[][] {
  const times = rows.flatMap((it) => it.micros ?? []).sort((a, b) => a - b)
  const middle = times[Math.floor(times.length / 2)]
  return middle === undefined ? [] : [['time', `${middle < 10 ? middle : Math.round(middle)} µs a row`]]
}
