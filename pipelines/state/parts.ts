import { createHash } from 'node:crypto'
import { ConfigError } from '../../core/errors.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { Part, WarehouseFacts } from '../../core/warehouse.ts'
import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

interface StoredPart {
  part_id: number
  unified_table: string
  pipeline: string
  dataset: string
  form: Part['form']['kind']
  relation: string
  slot: number | null
  generation: number
  state: Part['state']
  native_key: string
}

/** All parts that were ever made and are not dropped. */
export async function loadParts(store: StateStore): Promise<Part[]> {
  const rows = await rowsOf<StoredPart>(store.session, store.table('parts').select('*').orderBy('part_id'))
  return rows.map(partOf)
}

/** Stores a part, new or changed. */
export async function savePart(store: StateStore, part: Part): Promise<void> {
  await store.session.transaction(async (tx) => {
    await execute(tx, store.table('parts').where({ part_id: part.id }).delete())
    await execute(tx, store.table('parts').insert(rowOf(part)))
  })
}

/**
 * The dataset's part of one unified table: the stored one, or the shape of a new one.
 * @throws {ConfigError} E306 another dataset's part has this name
 */
export function partFor(
  parts: Part[],
  facts: WarehouseFacts,
  dataset: DatasetSpec,
  { table, key, isView }: { table: string; key: string[]; isView: boolean },
): Part {
  const source = { pipeline: dataset.pipeline, dataset: dataset.name }
  const isOwn = (it: Part) =>
    it.table === table && isPartOf(it, dataset) && (it.form.kind === 'view') === isView
  const found = parts.find((it) => isOwn(it) && it.state !== 'retired')
  if (found) return { ...found, nativeKey: key }
  const retired = parts.find(isOwn)
  if (retired) return { ...retired, nativeKey: key, state: 'new' }
  const id = Math.max(0, ...parts.map((it) => it.id)) + 1
  const relation = partName(table, dataset, facts.maxNameBytes, isView)
  const clash = (isView || facts.unionPushdown) && parts.find((it) => it.form.relation === relation)
  if (clash) {
    throw new ConfigError('E306', {
      at: dataset.at,
      problem: `"${dataset.pipeline}.${dataset.name}" and "${clash.source.pipeline}.${clash.source.dataset}" both give the part ${relation}.`,
      remedy: 'Rename one of the two datasets.',
    })
  }
  if (isView) {
    const form = { kind: 'view' as const, relation }
    return { id, table, source, generation: 1, form, nativeKey: key, changes: 'compare', state: 'new' }
  }
  const form: Part['form'] = facts.unionPushdown
    ? { kind: 'table', relation }
    : { kind: 'slice', relation: `${table}__parts`, slot: id }
  return { id, table, source, generation: 1, form, nativeKey: key, changes: 'loaded_at', state: 'new' }
}

/** `party__shop__customers`, in the characters that every engine takes unquoted, cut with a hash where too long. */
export function partName(
  table: string,
  dataset: { pipeline: string; name: string },
  maxBytes: number,
  isView = false,
): string {
  return relationName([table, dataset.pipeline, dataset.name, ...(isView ? ['view'] : [])], maxBytes)
}

function relationName(words: string[], maxBytes: number): string {
  const name = words
    .join('__')
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
  if (name.length <= maxBytes) return name
  const hash = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 8)
  return `${name.slice(0, maxBytes - 9)}_${hash}`
}

/** `shop__customers__rejects`: the view that lists what a dataset's part views leave out. */
export const rejectViewName = (dataset: { pipeline: string; name: string }, maxBytes: number): string =>
  relationName([dataset.pipeline, dataset.name, 'rejects'], maxBytes)

export const isPartOf = ({ source }: Part, { pipeline, name }: { pipeline: string; name: string }): boolean =>
  source.pipeline === pipeline && source.dataset === name

const partOf = (row: StoredPart): Part => ({
  id: Number(row.part_id),
  table: row.unified_table,
  source: { pipeline: row.pipeline, dataset: row.dataset },
  generation: Number(row.generation),
  form:
    row.form === 'slice'
      ? { kind: 'slice', relation: row.relation, slot: Number(row.slot) }
      : { kind: row.form, relation: row.relation },
  nativeKey: JSON.parse(row.native_key),
  changes: row.form === 'view' ? 'compare' : 'loaded_at',
  state: row.state,
})

const rowOf = (part: Part) => ({
  part_id: part.id,
  unified_table: part.table,
  pipeline: part.source.pipeline,
  dataset: part.source.dataset,
  form: part.form.kind,
  relation: part.form.relation,
  slot: part.form.kind === 'slice' ? part.form.slot : null,
  generation: part.generation,
  state: part.state,
  native_key: JSON.stringify(part.nativeKey),
})
