import type { DatasetRequest } from '../../core/connector.ts'
import { PolderError, type Problem } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { DatasetSpec, WithSpec } from '../../core/spec.ts'
import { type Reach, requestOf, type Sources } from '../plan/sources.ts'

/** What the source tells of the looked-up tables of a dataset. */
export interface DescribedLookups {
  /** By the name in `with:`; one that was never discovered, or does not answer, is absent. */
  facts: Map<string, DatasetFacts>
  problems: Problem[]
  /** What the source itself refused. */
  refusal?: PolderError
}

/** Asks for all looked-up tables; what the source refuses becomes a problem of the dataset. */
export async function describeLookups(
  dataset: DatasetSpec,
  sources: Sources,
  reach: Reach,
): Promise<DescribedLookups> {
  const described: DescribedLookups = { facts: new Map(), problems: [] }
  const ask = async (spec: WithSpec): Promise<void> => {
    try {
      const facts = await sources.facts(asDataset(dataset, spec), reach)
      if (facts) described.facts.set(spec.name, facts)
    } catch (error) {
      if (!(error instanceof PolderError)) throw error
      const at = sources.placeOf(error, dataset.connection, spec.fromAt)
      described.problems.push({ ...error.asProblem(), at })
      described.refusal ??= error
    }
  }
  await Promise.all((dataset.with ?? []).map(ask))
  return described
}

/** The table as readers are asked for it: by its own key, called `products.category`. */
function asDataset(dataset: DatasetSpec, { name, from }: WithSpec): DatasetSpec {
  const { pipeline, connection, fromAt, load, at } = dataset
  const called = `${dataset.name}.${name}`
  return { pipeline, name: called, connection, from, fromAt, load, targets: [], at }
}

export const lookupRequest = (dataset: DatasetSpec, spec: WithSpec): DatasetRequest =>
  requestOf(asDataset(dataset, spec))
