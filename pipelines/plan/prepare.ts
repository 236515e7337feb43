import { createHash } from 'node:crypto'
import { type ErrorCode, PolderError, type Problem } from '../../core/errors.ts'
import type { ColumnFacts } from '../../core/expr.ts'
import type { DatasetFacts, Field } from '../../core/field.ts'
import type { Mapper, MappingInput, RefTarget, TargetLineage } from '../../core/mapping.ts'
import { MARK_TYPES } from '../../core/mark.ts'
import type { Place } from '../../core/place.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'
import { didYouMean } from '../../core/text.ts'
import {
  compileMapping,
  type LookupLists,
  type Lookups,
  type SaidMapping,
  sayMapping,
} from '../../transforms/index.ts'
import { describeLookups } from '../lookup/describe.ts'
import { checkLookups, type PreparedLookup, preparedLookups } from '../lookup/prepare.ts'
import { canonicalStart, checkLookback } from './cadence.ts'
import { checkDeletes } from './deletes.ts'
import type { Reach, Sources } from './sources.ts'

/** A dataset checked against its source, with its mapping compiled. */
export interface Prepared {
  dataset: DatasetSpec
  ref: string
  /** Absent where the source was not asked and never discovered. */
  facts?: DatasetFacts
  key: string[]
  cursor?: Field
  /** `start` in the cursor's canonical form. */
  start?: string
  /** Zone of the connection, else of the project. */
  timezone?: string
  /** Absent where `problems` holds an error. */
  mapper?: Mapper
  /** Tables that are read before the dataset, for its expressions. */
  lookups: PreparedLookup[]
  /** Of mapping and source relation together: another hash means that everything is read anew. */
  hash: string
  /** Relation, key and cursor: what marks and positions belong to. */
  origin: string
  problems: Problem[]
  /** Where the columns come from, as far as their expressions could be read. */
  lineage: TargetLineage[]
  /** Says the mapping in SQL over these columns; absent where the mapping was not compiled. */
  say?(columns: ColumnFacts[], lookups?: KnownLookups): SaidMapping
  /** What the source itself refused. */
  refusal?: PolderError
}

/** Columns of looked-up rows, as a warehouse joins them. */
export interface KnownLookups {
  lookups?: Lookups
  lists?: LookupLists
}

/**
 * Checks one dataset: key, cursor, look-ups, mapping, references.
 * What the source itself refuses (unknown table, no rights, no connection) becomes a problem of the dataset.
 */
export async function prepare(
  project: ProjectSpec,
  dataset: DatasetSpec,
  sources: Sources,
  reach: Reach,
): Promise<Prepared> {
  const ref = datasetRef(dataset)
  let facts: DatasetFacts | undefined
  try {
    facts = await describe(dataset, sources, reach)
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    const problem = { ...error.asProblem(), at: sources.placeOf(error, dataset.connection, dataset.fromAt) }
    return {
      dataset,
      ref,
      key: dataset.key ?? [],
      lookups: [],
      hash: '',
      origin: '',
      problems: [problem],
      lineage: [],
      refusal: error,
    }
  }
  const key = keyOf(dataset, facts)
  const problems = facts ? [...checkKey(dataset, facts, key), ...checkCursor(dataset, facts)] : []
  const cursor = facts?.schema.fields.find((it) => it.name === dataset.cursor)
  const timezone = sources.connection(dataset.connection).timezone ?? project.timezone
  const { start, problems: misfits } = canonicalStart(dataset, cursor, dataset.timezone ?? timezone)
  problems.push(...misfits, ...checkLookback(dataset, cursor), ...checkDeletes(dataset, facts, sources))
  const looked = await describeLookups(dataset, sources, reach)
  problems.push(...looked.problems, ...checkLookups(dataset, facts, looked.facts))
  const compile = (input: MappingInput) => ({ ...compileMapping(input), input })
  const known = { facts, lookedUp: looked.facts }
  const compiled = await compileWith(compile, project, dataset, known, sources, reach)
  problems.push(...compiled.problems)
  const failed = problems.some((it) => it.severity === 'error')
  return {
    dataset,
    ref,
    facts,
    key,
    cursor,
    start,
    timezone,
    mapper: failed ? undefined : compiled.mapper,
    lookups: preparedLookups(dataset, facts, looked.facts, compiled.mapper?.lookups ?? {}),
    hash: compiled.mapper ? sourceHash(dataset, compiled.mapper) : '',
    origin: JSON.stringify([dataset.connection, dataset.from, key, dataset.cursor ?? null]),
    problems,
    lineage: compiled.lineage,
    say: (columns, known = {}) => sayMapping({ mapping: compiled.input, columns, ...known }),
    ...(looked.refusal && { refusal: looked.refusal }),
  }
}

const keyOf = (dataset: DatasetSpec, facts: DatasetFacts | undefined): string[] =>
  dataset.key ?? facts?.key ?? []

/** Without key and cursor, where the source does not have those: the checks say so in the words of the YAML. */
export function describe(
  dataset: DatasetSpec,
  sources: Sources,
  reach: Reach,
): Promise<DatasetFacts | undefined> {
  return sources.facts(dataset, reach).catch((error: unknown) => {
    if (!(error instanceof PolderError) || error.code !== 'E405') throw error
    return sources.facts({ ...dataset, key: undefined, cursor: undefined }, reach)
  })
}

const sourceHash = (dataset: DatasetSpec, mapper: Mapper): string =>
  createHash('sha256')
    .update(JSON.stringify([mapper.hash, dataset.connection, dataset.from, ...told(dataset)]))
    .digest('hex')

/** What was deleted before the source was asked for it, only a full read finds. */
const told = ({ deletesBySource }: DatasetSpec): string[] => (deletesBySource ? ['deletes: source'] : [])

/**
 * Compiles a mapping, or an expression in its place. The types of the keys that `$ref` points to come from their own sources: when a first pass
 * shows that one is not known yet, it is asked for and compiled again.
 */
export async function compileWith<T extends { problems: Problem[]; mapper?: Mapper }>(
  compile: (input: MappingInput) => T | Promise<T>,
  project: ProjectSpec,
  dataset: DatasetSpec,
  { facts, lookedUp }: Pick<MappingInput, 'facts' | 'lookedUp'>,
  sources: Sources,
  reach: Reach,
): Promise<T> {
  const key = keyOf(dataset, facts)
  const specs = new Map(project.pipelines.flatMap((it) => it.datasets).map((it) => [datasetRef(it), it]))
  const known = new Map<string, DatasetFacts | undefined>([[datasetRef(dataset), facts]])
  const wanted = new Set<string>()
  const target = (ref: string): RefTarget | undefined => {
    const spec = specs.get(ref)
    if (!spec) return undefined
    wanted.add(ref)
    return { keyTypes: keyTypes(spec, known.get(ref)), as: spec.targets.flatMap((it) => it.as ?? []) }
  }
  const timezone = sources.connection(dataset.connection).timezone ?? project.timezone
  const input = {
    dataset,
    facts,
    lookedUp,
    key,
    cursor: dataset.cursor,
    tables: project.tables,
    timezone,
    target,
    datasets: [...specs.keys()],
  }
  const first = await compile(input)
  const unknown = [...wanted].filter((ref) => !known.has(ref))
  if (unknown.length === 0) return first
  const problems: Problem[] = []
  for (const ref of unknown) {
    const facts = await sources.facts(specs.get(ref)!, reach).catch((error: unknown) => {
      // Without the key's type an id could be written differently from run to run, and lead nowhere.
      problems.push(unknownTarget(dataset, ref, error))
      return undefined
    })
    known.set(ref, facts)
  }
  await first.mapper?.close()
  const second = await compile(input)
  return { ...second, problems: [...second.problems, ...problems] }
}

function unknownTarget(dataset: DatasetSpec, ref: string, error: unknown): Problem {
  const why = error instanceof PolderError ? ` ${error.problem}` : ''
  return {
    code: 'E308',
    severity: 'error',
    at: dataset.at,
    problem: `Dataset "${datasetRef(dataset)}" refers to "${ref}", whose source cannot be described.${why}`,
    remedy: `See: polder connect test`,
  }
}

function keyTypes(spec: DatasetSpec, facts: DatasetFacts | undefined): RefTarget['keyTypes'] {
  if (!facts) return undefined
  const types = (spec.key ?? facts.key).map(
    (name) => facts.schema.fields.find((it) => it.name === name)?.type,
  )
  return types.length > 0 && types.every((it) => it !== undefined) ? types : undefined
}

function checkKey(dataset: DatasetSpec, facts: DatasetFacts, key: string[]): Problem[] {
  if (key.length === 0) {
    const problem = `"${dataset.from}" has no primary key, and the dataset "${datasetRef(dataset)}" states none.`
    return [error('E302', dataset.at, problem, 'State the columns that identify a row, as key: customer_id')]
  }
  return key
    .filter((name) => !hasField(facts, name))
    .map((name) => unknownColumn('E303', 'Key', dataset, facts, name))
}

function checkCursor(dataset: DatasetSpec, facts: DatasetFacts): Problem[] {
  const name = dataset.cursor
  if (name === undefined) return []
  const at = dataset.cursorAt ?? dataset.at
  if (facts.kind === 'file') {
    const problem = `"${dataset.from}" is a file: it is read whole, and has no cursor.`
    return [error('E307', at, problem, 'Leave cursor: out.')]
  }
  const field = facts.schema.fields.find((it) => it.name === name)
  if (!field) return hasField(facts, name) ? [] : [unknownColumn('E303', 'Cursor', dataset, facts, name)]
  if (MARK_TYPES.includes(field.type)) return []
  const problem = `The cursor "${name}" is of type ${field.sourceType}, whose order can differ between engines.`
  return [
    error(
      'E304',
      at,
      problem,
      'Choose a number, a date or a timestamp, or leave cursor: out to read in full.',
    ),
  ]
}

const hasField = (facts: DatasetFacts, name: string): boolean =>
  facts.schema.open === true || facts.schema.fields.some((it) => it.name === name)

function unknownColumn(
  code: ErrorCode,
  what: string,
  dataset: DatasetSpec,
  facts: DatasetFacts,
  name: string,
): Problem {
  const at = (what === 'Key' ? dataset.keyAt : dataset.cursorAt) ?? dataset.at
  const names = facts.schema.fields.map((it) => it.name)
  const remedy = `${didYouMean(name, names)}See: polder connect discover ${dataset.connection} ${dataset.from}`
  return error(code, at, `${what} column "${name}" is not in ${dataset.from}.`, remedy)
}

function error(code: ErrorCode, at: Place, problem: string, remedy: string): Problem {
  return { code, severity: 'error', at, problem, remedy }
}
