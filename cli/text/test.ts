import type { TestReport } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import { indent } from './format.ts'
import { mark, type Paint } from './paint.ts'

/** Passed tests in a line each; failures last, with every difference. */
export function testText({ tests, passed, failed }: TestReport, paint: Paint): string {
  const { colors } = paint
  if (tests.length === 0) return `${mark.warning(colors)} no tests: write them under tests: in a pipeline`
  const good = tests.filter((it) => it.passed).map((it) => `${mark.ok(colors)} ${it.pipeline}: ${it.name}`)
  const bad = tests
    .filter((it) => !it.passed)
    .map((it) =>
      [
        `${mark.failed(colors)} ${it.pipeline}: ${it.name}  ${colors.dim(it.place)}`,
        ...it.differences.map((difference) => indent(difference, '    ')),
        ...(it.problems.length > 0 ? [indent(paint.problems(it.problems), '    ')] : []),
      ].join('\n'),
    )
  const closing =
    failed === 0
      ? `${mark.ok(colors)} ${plural(passed, 'test')} passed`
      : `${mark.failed(colors)} ${plural(failed, 'test')} failed, ${passed} passed`
  return [...(good.length > 0 ? [good.join('\n')] : []), ...bad, closing].join('\n\n')
}
