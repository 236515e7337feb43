import type { DatasetRequest } from '../../core/connector.ts'
import type { ErrorCode, Problem } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { Place } from '../../core/place.ts'
import { type DatasetSpec, datasetRef, type NamedField, type WithSpec } from '../../core/spec.ts'
import { didYouMean, plural } from '../../core/text.ts'
import { type DescribedLookups, lookupRequest } from './describe.ts'
import { declaredType, type KeyType, sharedType } from './key-type.ts'

/** A look-up of a dataset, checked against both tables. */
export interface PreparedLookup {
  name: string
  /** `shop.products`, for messages. */
  dataset: string
  request: DatasetRequest
  facts?: DatasetFacts
  /** Fields of the dataset; columns of the looked-up table; and as what they are compared, one by one. */
  on: string[]
  key: string[]
  types: KeyType[]
  many: boolean
  /** Columns of the looked-up table that the mapping needs; `['*']` for all. */
  fields: string[]
}

/** @param fields what the mapping needs of each, see `Mapper.lookups` */
export const preparedLookups = (
  dataset: DatasetSpec,
  facts: DatasetFacts | undefined,
  lookedUp: DescribedLookups['facts'],
  fields: Record<string, string[]>,
): PreparedLookup[] =>
  (dataset.with ?? []).map((spec) => {
    const theirs = lookedUp.get(spec.name)
    const on = spec.on.map((it) => it.name)
    const key = keyOf(spec, theirs)
    return {
      name: spec.name,
      dataset: datasetRef(dataset),
      request: lookupRequest(dataset, spec),
      facts: theirs,
      on,
      key,
      types: on.map((name, at) => typeAt(facts, name, theirs, key[at]!) ?? 'unknown'),
      many: spec.many,
      fields: fields[spec.name] ?? [],
    }
  })

const keyOf = ({ key }: WithSpec, facts: DatasetFacts | undefined): string[] =>
  key?.map((it) => it.name) ?? facts?.key ?? []

const typeAt = (ours: DatasetFacts | undefined, on: string, theirs: DatasetFacts | undefined, key: string) =>
  sharedType(declaredType(ours, on), declaredType(theirs, key))

/** Names, keys and types of all look-ups against what is known of both tables. */
export function checkLookups(
  dataset: DatasetSpec,
  facts: DatasetFacts | undefined,
  lookedUp: DescribedLookups['facts'],
): Problem[] {
  return (dataset.with ?? []).flatMap((spec) => {
    const theirs = lookedUp.get(spec.name)
    const problems = [
      ...checkName(dataset, spec, facts),
      ...unknownFields(spec.on, dataset.from, facts, dataset.connection),
      ...unknownFields(spec.key ?? [], spec.from, theirs, dataset.connection),
      ...checkKey(spec, theirs),
    ]
    return problems.length > 0 ? problems : checkTypes(dataset, spec, facts, theirs)
  })
}

function checkName(
  { from }: DatasetSpec,
  { name, at }: WithSpec,
  facts: DatasetFacts | undefined,
): Problem[] {
  if (!facts?.schema.fields.some((it) => it.name === name)) return []
  const problem = `The look-up "${name}" has the name of a field of ${from}.`
  return [error('E330', at, problem, 'Give it another name: an expression could not tell them apart.')]
}

function unknownFields(
  named: NamedField[],
  from: string,
  facts: DatasetFacts | undefined,
  connection: string,
): Problem[] {
  if (!facts || facts.schema.open) return []
  const names = facts.schema.fields.map((it) => it.name)
  return named
    .filter((it) => !names.includes(it.name))
    .map(({ name, at }) => {
      const remedy = `${didYouMean(name, names)}See: polder connect discover ${connection} ${from}`
      return error('E331', at, `Column "${name}" is not in ${from}.`, remedy)
    })
}

/** Without `key:` it is the primary key, which must be there and as long as `on`. */
function checkKey({ from, fromAt, on, key }: WithSpec, facts: DatasetFacts | undefined): Problem[] {
  if (key || !facts) return []
  if (facts.key.length === 0) {
    const problem = `"${from}" has no primary key, and the look-up states none.`
    return [error('E332', fromAt, problem, 'State the columns that "on" meets, as key: category_id')]
  }
  if (facts.key.length === on.length) return []
  const problem = `The primary key of "${from}" is ${plural(facts.key.length, 'column')} (${facts.key.join(', ')}), and "on" names ${on.length}.`
  return [error('E332', on[0]!.at, problem, 'Name one field for each, or state other columns as key:')]
}

function checkTypes(
  dataset: DatasetSpec,
  spec: WithSpec,
  facts: DatasetFacts | undefined,
  theirs: DatasetFacts | undefined,
): Problem[] {
  const key = keyOf(spec, theirs)
  return spec.on.flatMap(({ name, at }, i) => {
    if (key[i] === undefined || typeAt(facts, name, theirs, key[i])) return []
    const problem = `"${name}" of ${dataset.from} is ${typeText(facts, name)} and "${key[i]}" of ${spec.from} is ${typeText(theirs, key[i])}: they are never equal.`
    return [error('E333', at, problem, 'Name fields of types that can be compared.')]
  })
}

const typeText = (facts: DatasetFacts | undefined, name: string): string =>
  facts?.schema.fields.find((it) => it.name === name)?.sourceType ?? 'unknown'

const error = (code: ErrorCode, at: Place, problem: string, remedy: string): Problem => ({
  code,
  severity: 'error',
  at,
  problem,
  remedy,
})
