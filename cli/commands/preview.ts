import type { PreviewReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { exitCodeOfFindings } from '../exit-code.ts'
import { onInterrupt } from '../interrupt.ts'
import type { ResultOf } from '../output-schema.ts'
import { previewText } from '../text/preview.ts'

export async function preview(
  context: Context,
  dataset: string,
  { rows }: { rows: number },
): Promise<Outcome<ResultOf<'preview'>>> {
  const interrupt = onInterrupt(context.io, context.printer.note, 'stopping; press again to stop now')
  try {
    const { signal } = interrupt
    return previewOutcome(await withProject(context, (polder) => polder.preview(dataset, { rows, signal })))
  } finally {
    interrupt.remove()
  }
}

/** Rejected rows are what one looks for here, so they are no failure. */
export function previewOutcome(report: PreviewReport): Outcome<ResultOf<'preview'>> {
  const { problems, ...result } = report
  return {
    exitCode: exitCodeOfFindings(problems),
    result,
    problems,
    text: (paint) => previewText(report, paint),
  }
}
