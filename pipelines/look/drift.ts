import { PolderError, type Problem } from '../../core/errors.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'
import { agree } from '../contract/agreement.ts'
import { describe } from '../plan/prepare.ts'
import type { Sources } from '../plan/sources.ts'
import { loadSchema } from '../state/schemas.ts'
import type { StateStore } from '../state/store.ts'

/**
 * What has changed at the source of a dataset that is mapped in place since its views were made: they go on in the words of
 * the old columns.
 */
export async function driftOf(
  dataset: DatasetSpec,
  sources: Sources,
  store: StateStore,
): Promise<Problem | undefined> {
  const ref = datasetRef(dataset)
  try {
    const facts = await describe(dataset, sources, 'fresh')
    const stored = await loadSchema(store, dataset)
    if (!facts || !stored) return undefined
    const key = dataset.key ?? facts.key
    const { broken, warnings } = agree({ dataset, facts, key, stored, accept: false })
    if (broken) return broken
    return warnings[0] && { ...warnings[0], remedy: `Make its views anew: polder run ${ref}` }
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    return { ...error.asProblem(), at: sources.placeOf(error, dataset.connection, dataset.fromAt) }
  }
}
