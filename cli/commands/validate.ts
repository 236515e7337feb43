import type { ValidateReport } from '../../app/index.ts'
import { type Context, type Outcome, projectRoot } from '../context.ts'
import { exitCodeOfFindings } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { validateText } from '../text/validate.ts'

export async function validate(context: Context): Promise<Outcome<ResultOf<'validate'>>> {
  const root = projectRoot(context)
  const startedAt = context.io.now()
  const { checkProject } = await import('../../app/index.ts')
  const report = await checkProject(root, context.io.env)
  return validateOutcome(report, context.io.now() - startedAt)
}

/** Warnings do not fail. */
export function validateOutcome(report: ValidateReport, millis: number): Outcome<ResultOf<'validate'>> {
  const { files, problems, unchecked } = report
  return {
    exitCode: exitCodeOfFindings(problems),
    result: { files, unchecked },
    problems,
    text: (paint) => validateText(report, millis, paint),
  }
}
