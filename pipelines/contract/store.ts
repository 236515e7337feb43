import type { PolderError } from '../../core/errors.ts'
import type { Prepared } from '../plan/prepare.ts'
import { loadSchema } from '../state/schemas.ts'
import type { StateStore } from '../state/store.ts'
import { type Agreement, agree } from './agreement.ts'

/** What the contract says of a prepared dataset; undefined where the source did not answer. */
export async function agreementOf(
  store: StateStore,
  { dataset, facts, key, refusal }: Pick<Prepared, 'dataset' | 'facts' | 'key'> & { refusal?: PolderError },
  accept: boolean,
): Promise<Agreement | undefined> {
  if (!facts || refusal) return undefined
  return agree({ dataset, facts, key, stored: await loadSchema(store, dataset), accept })
}
