import type { Problem } from '../core/errors.ts'
import type { Compiled, FilledPart, Mapper, MappingInput } from '../core/mapping.ts'
import type { SourceText } from '../core/place.ts'
import { datasetRef, type TargetSpec, type WithSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { mappableColumns } from '../core/unified.ts'
import { rowOf, type Value } from './analyze/index.ts'
import { dataPaths, lineageOf, lookupFields, type TargetValues } from './analyze/lineage.ts'
import { union } from './analyze/path.ts'
import { keyPaths } from './analyze/target.ts'
import { mappedFields } from './attributes.ts'
import { compileExpression, type Expression } from './expression.ts'
import { mappingHash } from './hash.ts'
import { mapBatch, type Plan } from './map-batch.ts'
import { idPrefix } from './reference.ts'
import { scannedKeys } from './row-key.ts'
import { newRuntime, type Runtime } from './runtime.ts'
import { sameAsTargets, type Target } from './same-as.ts'
import { compileTarget, defaultReferences, problem } from './target.ts'
import { isZone } from './zone.ts'

/** Tables that other rows of the same source row refer to by default. */
const ANCHORS = ['party', 'sales_order']

/**
 * Compiles a dataset's mapping for the stream road.
 * @returns all problems found; the mapper only where none of them is an error; the lineage of every column that could
 * be read
 */
export function compileMapping(input: MappingInput): Compiled {
  const { values, problems, ...compiled } = compileWithValues(input)
  return { ...compiled, problems: once(problems), lineage: lineageOf(values, input.dataset) }
}

/** `same_as` compiles the conditions of its party a second time. */
function once(problems: Problem[]): Problem[] {
  const marks = problems.map(({ code, at, problem }) =>
    JSON.stringify([code, problem, at?.file.path, at?.line, at?.column]),
  )
  return problems.filter((_, at) => marks.indexOf(marks[at]!) === at)
}

/** As `compileMapping`, with what is known of every column before any row. */
export function compileWithValues(
  input: MappingInput,
): Omit<Compiled, 'lineage'> & { values: TargetValues[] } {
  const problems: Problem[] = []
  checkZones(input, problems)
  const stated = knownTargets(input, problems)
  checkIds(stated, problems)
  const targets = [...stated, ...sameAsTargets(stated, input.tables, problems)]
  const runtime = newRuntime(idPrefix(input.dataset.pipeline, input.dataset.name))
  const anchors = anchorsOf(targets)
  const parts = partsOf(targets, anchors)
  const lookups = input.dataset.with ?? []
  const mapped = mappedFields()
  // What is looked up is no field of the source: '*' leaves it out.
  for (const { name } of lookups) mapped.row.add(name)
  const row = rowOf(input)
  const values: TargetValues[] = []
  const compiled = inOrder(targets, anchors).map((target) => {
    const { names, watch = [] } = parts.find((it) => it.table === target.table.name)!
    const place = 1 + watch.indexOf(target.spec.appendOn?.columns ?? [])
    return compileTarget({
      mapping: input,
      runtime,
      ...target,
      names,
      anchors,
      watch: place,
      mapped,
      row,
      values,
      problems,
    })
  })
  const where = compileCondition(input, input.dataset.where, row, runtime, problems)
  const deletes = compileCondition(input, input.dataset.deletes, row, runtime, problems)
  const scope = union(...[where, deletes].flatMap((it) => (it ? [dataPaths(it.value)] : [])))
  for (const it of values) it.rows = union(it.rows, scope)
  if (problems.some((it) => it.severity === 'error')) return { problems, values }
  const wantsRest = targets.some(({ spec }) => spec.attributes?.all && !spec.each)
  const fields = wantsRest || runtime.wanted === 'all' ? ['*'] : fieldsUsed(runtime, runtime.wanted)
  const { key, cursor } = input
  const plan: Plan = {
    runtime,
    where,
    deletes,
    targets: compiled,
    parts,
    key,
    keyFields: [],
    cursor,
    lookups: new Set(lookups.map((it) => it.name)),
  }
  const reads = { fields: withKeys(fields, lookups), lookups: lookupFields(values, scope, lookups) }
  return { mapper: mapperOf(plan, mappingHash(input), reads), problems, values }
}

const fieldsUsed = (runtime: Runtime, wanted: Set<string>): string[] =>
  [...new Set([...runtime.slots.keys(), ...wanted])].sort()

/** Of the source, the fields that lead to a look-up in place of what is looked up. */
function withKeys(fields: string[], lookups: WithSpec[]): string[] {
  if (fields.includes('*') || lookups.length === 0) return fields
  const names = new Set(lookups.map((it) => it.name))
  const keys = lookups.flatMap(({ on }) => on.map((it) => it.name))
  return [...new Set([...fields.filter((it) => !names.has(it)), ...keys])].sort()
}

/** One batch at a time: the runtime holds one row. */
function mapperOf(plan: Plan, hash: string, reads: Pick<Mapper, 'fields' | 'lookups'>): Mapper {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    hash,
    ...reads,
    parts: plan.parts,
    map: (batch, columns) => {
      const mine = turn.then(() => mapBatch(plan, batch, columns))
      turn = mine.catch(() => undefined)
      return mine
    },
    keys: (batch, columns) => scannedKeys(plan.key, batch, columns),
    close: async () => {
      await turn
    },
  }
}

function knownTargets({ dataset, tables }: MappingInput, problems: Problem[]): Target[] {
  return dataset.targets.flatMap((spec) => {
    const table = tables.find((it) => it.name === spec.table)
    if (table) return { spec, table }
    const names = tables.map((it) => it.name)
    problems.push(
      problem('E215', spec.at, `There is no unified table "${spec.table}".`, didYouMean(spec.table, names)),
    )
    return []
  })
}

function checkZones({ dataset, timezone }: MappingInput, problems: Problem[]): void {
  const zone = dataset.timezone ?? timezone
  if (zone === undefined || isZone(zone)) return
  problems.push(
    problem('E219', dataset.at, `There is no time zone "${zone}".`, 'As Europe/Amsterdam, or UTC.'),
  )
}

/** Rows of one table need different ids, whichever of them a source row makes. */
function checkIds(targets: Target[], problems: Problem[]): void {
  for (const { spec } of targets) {
    if (spec.each && !spec.key) {
      problems.push(
        problem(
          'E217',
          spec.at,
          '"each" needs the key of an item.',
          'Add key: with the field that numbers the items.',
        ),
      )
    }
    const same = targets.filter((it) => it.spec.table === spec.table)
    const clash = same.find((it) => it.spec !== spec && doClash(it.spec, spec))
    if (clash && same.findIndex((it) => it.spec === clash.spec) < same.findIndex((it) => it.spec === spec)) {
      problems.push(
        problem(
          'E213',
          spec.at,
          `Two entries make rows of "${spec.table}" with the same id.`,
          'Give each a name of its own: as: email',
        ),
      )
    }
  }
}

/** Items of an `each` without a name could have the id of a named row. */
const doClash = (a: TargetSpec, b: TargetSpec): boolean =>
  a.as === b.as ||
  (a.each !== undefined && a.as === undefined) ||
  (b.each !== undefined && b.as === undefined)

export function anchorsOf(targets: Target[]): Set<string> {
  return new Set(
    ANCHORS.filter((table) => {
      const [only, ...more] = targets.filter((it) => it.spec.table === table)
      return only !== undefined && more.length === 0 && !only.spec.each
    }),
  )
}

/** Rows that others refer to come first. */
export const inOrder = (targets: Target[], anchors: Set<string>): Target[] => {
  const rank = ({ table }: Target) => (anchors.has(table.name) ? ANCHORS.indexOf(table.name) : ANCHORS.length)
  return [...targets].sort((a, b) => rank(a) - rank(b))
}

function partsOf(targets: Target[], anchors: Set<string>): FilledPart[] {
  const tables = [...new Set(targets.map((it) => it.table))]
  return tables.map((table) => {
    const own = targets.filter((it) => it.table === table)
    const filled = new Set(own.flatMap((it) => filledBy(it, anchors)))
    const names = mappableColumns(table).map((it) => it.name)
    const watch = own.flatMap(({ spec }) => (spec.appendOn ? [spec.appendOn.columns] : []))
    return {
      table: table.name,
      names: ['id', ...names.filter((it) => filled.has(it))],
      ...(watch.length > 0 && { watch }),
      ...(own.some((it) => it.sameAs) && { outlives: true }),
    }
  })
}

const filledBy = ({ spec, table, sameAs }: Target, anchors: Set<string>): string[] => [
  ...spec.columns.map((it) => it.column),
  ...defaultReferences(spec, table, anchors).map((it) => it.name),
  ...(spec.attributes ? ['attributes'] : []),
  ...(sameAs ? ['from_id'] : []),
]

function compileCondition(
  mapping: MappingInput,
  source: SourceText | undefined,
  row: Value,
  runtime: Runtime,
  problems: Problem[],
): Expression | undefined {
  const { dataset } = mapping
  if (!source) return undefined
  const surroundings = {
    row,
    start: row,
    key: keyPaths(mapping),
    dataset: datasetRef(dataset),
    effect: source === dataset.where ? 'no row would pass' : 'no row would be deleted',
    filters: source === dataset.where,
  }
  return compileExpression({ source, mapping, runtime, start: 'row', surroundings, scale: 4, problems })
}
