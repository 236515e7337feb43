import { BugError, PolderError, type Problem } from '../../core/errors.ts'
import { redact } from '../../core/secrets.ts'
import { insist } from '../contract/agreement.ts'
import { agreementOf } from '../contract/store.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { DatasetWork } from './dataset.ts'

export const firstError = (prepared: Prepared): Problem | undefined =>
  prepared.problems.find((it) => it.severity === 'error')

/** Columns that are gone say more than that the mapping does not fit. */
export async function failPreparation({
  prepared,
  road,
  store,
  acceptSchema = false,
}: DatasetWork): Promise<never> {
  const agreement = await agreementOf(store, prepared, acceptSchema)
  if (agreement) insist(agreement)
  if (prepared.refusal) throw prepared.refusal
  const first = road?.problem ?? firstError(prepared)!
  throw new PreparationError(first.code, first)
}

/** A dataset whose YAML and source do not fit: found before anything was read. */
class PreparationError extends PolderError {}

/** Whatever is no error of ours is a defect of Polder; its message may hold data and stays out. */
export function asPolderError(error: unknown): PolderError {
  if (error instanceof PolderError) return error
  const name = error instanceof Error ? error.name : typeof error
  if (process.env.POLDER_DEBUG && error instanceof Error)
    process.stderr.write(`${redact(error.stack ?? '')}\n`)
  return new BugError('E901', {
    problem: `Unexpected ${name} inside Polder.`,
    remedy: 'Run again with POLDER_DEBUG=1 and report the trace.',
    cause: error,
  })
}
