import type { ValidateReport } from '../../app/index.ts'
import { plural } from '../../core/text.ts'
import { duration, findings } from './format.ts'
import { mark, type Paint } from './paint.ts'

/** Findings with their lines, what could not be checked, and one closing line. */
export function validateText(report: ValidateReport, millis: number, paint: Paint): string {
  const { colors } = paint
  const blocks: string[] = []
  if (report.problems.length > 0) blocks.push(paint.problems(report.problems))
  if (report.unchecked.length > 0) blocks.push(unchecked(report.unchecked, paint))
  const closing = `${duration(millis)} · nothing was contacted`
  const files = plural(report.files, 'file')
  if (report.problems.length === 0) {
    blocks.push(`${mark.ok(colors)} ${files} valid · ${closing}`)
  } else {
    const bad = new Set(report.problems.flatMap((it) => (it.at ? [it.at.file.path] : [])))
    const errors = report.problems.some((it) => it.severity === 'error')
    const where = bad.size > 0 ? ` in ${bad.size} of ${files}` : ` in ${files}`
    blocks.push(
      `${errors ? mark.failed(colors) : mark.warning(colors)} ${findings(report.problems)}${where} · ${closing}`,
    )
  }
  return blocks.join('\n\n')
}

function unchecked(connections: string[], { colors }: Paint): string {
  const lines = connections.map((it) => `    polder connect discover ${it}`)
  return [
    `${mark.warning(colors)} Not checked against the source, since it was never asked for its fields:`,
    ...lines,
  ].join('\n')
}
