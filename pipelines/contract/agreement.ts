import { ContractError, type Problem } from '../../core/errors.ts'
import type { DatasetFacts, RowSchema } from '../../core/field.ts'
import type { Place } from '../../core/place.ts'
import type { SchemaChange } from '../../core/report.ts'
import type { ContractWord, DatasetSpec } from '../../core/spec.ts'
import { namedFields } from '../../transforms/index.ts'
import type { Context } from './context.ts'
import { agreed, type Difference, differences, merged, typeText } from './differences.ts'
import { brokenProblem, goneProblem, partlyThere, warnings } from './problems.ts'

/** What a contract says of a source as it is now. */
export interface Agreement {
  word: ContractWord
  /** What the source is held to: the schema last read with, or the one described before the first reading. */
  baseline: RowSchema
  /** True where no reading came before. */
  first: boolean
  differences: Difference[]
  changes: SchemaChange[]
  /** To be told by `plan` and in the run's report. */
  warnings: Problem[]
  /** Nothing may be read. */
  broken?: Problem
  /** The schema to be stored with the next commit; absent: what is stored stays. */
  store?: RowSchema
}

export interface AgreementAsk {
  dataset: DatasetSpec
  facts: DatasetFacts
  key: string[]
  /** The schema of the last reading. */
  stored?: RowSchema
  /** The user takes the source as it is now. */
  accept: boolean
}

/** Compares a source with what it was last read with. Pure: `plan` prints what `run` does. */
export function agree(ask: AgreementAsk): Agreement {
  const { dataset, facts, stored, accept } = ask
  const now = agreed(facts.schema)
  const word = dataset.contract ?? 'evolve'
  const used = usedFields(dataset, ask.key)
  const found = stored ? differences(stored, now) : []
  const judged = accept ? 'evolve' : word
  const changes = found.map((it) => changeOf(it, used, judged))
  const context = { dataset, used, now, accept }
  const store = !stored || accept ? now : judged === 'evolve' ? agreed(merged(stored, now)) : undefined
  return {
    word,
    baseline: accept || !stored ? now : stored,
    first: !stored,
    differences: found,
    changes,
    warnings: stored ? warnings(changes, found, context) : partlyThere(context),
    broken: accept ? undefined : brokenBy(found, judged, context),
    store: store && stored && sameSchema(store, stored) ? undefined : store,
  }
}

/** The finding that stops a reading under this word, if one of the differences does. */
export function brokenBy(found: Difference[], word: ContractWord, context: Context): Problem | undefined {
  const certain = found.filter((it) => it.change !== 'removed' || !it.sparse)
  if (word === 'freeze' && certain.length > 0) return brokenProblem(certain, context)
  const gone = certain.filter((it) => it.change === 'removed' && context.used.has(it.field))
  return gone.length > 0 ? goneProblem(gone, context) : undefined
}

/** @throws {ContractError} where the agreement is broken */
export function insist({ broken }: Pick<Agreement, 'broken'>): void {
  if (broken) throw new ContractError(broken.code, broken)
}

/** The fields that key, cursor and expressions name, with the place of each. */
export function usedFields(dataset: DatasetSpec, key: string[]): Map<string, Place> {
  const used = namedFields(dataset)
  for (const name of key) if (!used.has(name)) used.set(name, dataset.keyAt ?? dataset.at)
  if (dataset.cursor !== undefined) used.set(dataset.cursor, dataset.cursorAt ?? dataset.at)
  return used
}

export function changeOf(it: Difference, used: Map<string, Place>, word: ContractWord): SchemaChange {
  const isUsed = used.has(it.field)
  return {
    field: it.field,
    change: it.change,
    ...('was' in it ? { was: typeText(it.was) } : {}),
    ...('now' in it ? { now: typeText(it.now) } : {}),
    used: isUsed,
    effect: effectOf(it, isUsed, word),
  }
}

function effectOf(it: Difference, used: boolean, word: ContractWord): SchemaChange['effect'] {
  if (it.change === 'removed' && it.sparse) return 'told'
  if (word === 'freeze') return 'stops'
  if (it.change === 'removed') return used ? 'stops' : 'told'
  return ({ evolve: 'accepted', discard_row: 'rejects rows', discard_value: 'leaves out values' } as const)[
    word
  ]
}

const sameSchema = (a: RowSchema, b: RowSchema): boolean => JSON.stringify(a) === JSON.stringify(b)
