import type { Problem } from '../../core/errors.ts'
import { redact } from '../../core/secrets.ts'
import type { PlannedRoad } from '../plan/roads.ts'
import type { Loading } from './loading.ts'

const CODE = 'E343'

const streamed = (ref: string, reason: string, remedy: string): Problem => ({
  code: CODE,
  severity: 'warning',
  problem: `The warehouse does not copy ${ref} by itself: ${redact(reason)}. They take the stream: the result is the same, it takes longer.`,
  remedy,
})

/** Once in a run: what stopped one slice often stops all of them. */
export function tellStreamed({ prepared, run }: Pick<Loading, 'prepared' | 'run'>, reason: string): void {
  if (run.warnings.some((it) => it.code === CODE)) return
  run.warnings.push(streamed(`rows of "${prepared.ref}"`, reason, 'Mend what it names: polder explain E343.'))
}

/** The project asks the warehouse to read this source by itself, and it did not get there. */
export function unreachedProblem(ref: string, { reached }: Pick<PlannedRoad, 'reached'>): Problem {
  return streamed(`the rows of "${ref}"`, reached.because, reached.remedy ?? 'See polder explain E343.')
}
