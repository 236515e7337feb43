import { Fate } from '../core/mapping.ts'
import { SAME_AS } from '../core/row-id.ts'
import type { SqlDialect, TempTable } from './engine.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type SharedTables, sharedTables, type Target } from './staging.ts'

/** What the statements of one merge have in common. */
export interface Merge {
  dialect: SqlDialect
  internal: string
  /** A canonical instant: the transaction's one time. */
  now: string
  runId: string
  /** Some staged rows are to be left out. */
  skips: boolean
}

/*
 * The merge in steps. None names a temporary table twice: MySQL 8 opens each once per statement. Only `findOld`,
 * `findChanged` and the updates join with the part itself, by key; the others see staging alone.
 */

const ENGINE_FILLED = new Set([
  'id',
  'source',
  'source_object',
  'source_id',
  'deleted_at',
  'loaded_at',
  'run_id',
])

export const temp = ({ dialect, internal }: Pick<Merge, 'dialect' | 'internal'>, table: TempTable): string =>
  dialect.temp(internal, table.name)
export const shared = (merge: Merge, name: keyof SharedTables): string => temp(merge, sharedTables[name])

export const inSlot = ({ slot }: Target): string => (slot === undefined ? '' : `t.slot = ${slot} and `)

export const kept = (merge: Merge, alias: string): string =>
  merge.skips ? ` and ${alias}._row not in (select _row from ${shared(merge, 'skip')})` : ''

export const insertInto = (merge: Merge, table: TempTable): string => {
  const names = table.columns.map((it) => merge.dialect.quote(it.name))
  return `insert into ${temp(merge, table)} (${names.join(', ')})`
}

/** Stored rows of the staged source keys, in whatever state. */
export const findOld = (merge: Merge, target: Target): string =>
  `${insertInto(merge, target.old)} select r._row, t.id, r.fate, ` +
  `case when t.deleted_at is null then 1 else 0 end, t.${VERSION_COLUMN}, r.version, ` +
  `${merge.dialect.cast({ kind: 'integer' }, 'null')} from ${shared(merge, 'rows')} as r ${merge.dialect.drive} ${target.relation} as t${merge.dialect.lookUp.source} ` +
  `on ${inSlot(target)}t.source_id = r.source_id where r.fate <> ${Fate.rejected}${kept(merge, 'r')}`

/** Source rows of which something newer is stored. */
export function findSuperseded(merge: Merge, targets: Target[]): string {
  const newer = targets.map((it) => `select _row, fate from ${temp(merge, it.old)} where stored > version`)
  return `${insertInto(merge, sharedTables.skip)} select _row, fate from (${newer.join(' union ')}) as newer`
}

export const countSuperseded = (merge: Merge): string =>
  `select fate, count(*) as count from ${shared(merge, 'skip')} where fate is not null group by fate`

/** Staged rows which are stored with other values, or as deleted. */
export const findChanged = (merge: Merge, target: Target): string => {
  const names = target.changed.columns.map((it) => `s.${merge.dialect.quote(it.name)}`)
  return (
    `${insertInto(merge, target.changed)} select ${names.join(', ')} ` +
    `from ${temp(merge, target.stage)} as s ${merge.dialect.drive} ${target.relation} as t${merge.dialect.lookUp.id} ` +
    `on ${inSlot(target)}t.id = s.id where (${different(merge, target).join(' or ')})${kept(merge, 's')}`
  )
}

export function different({ dialect }: Merge, target: Target): string[] {
  const staged = new Set(target.names)
  const tests = target.table.columns
    .filter((it) => !ENGINE_FILLED.has(it.name))
    .map(({ name }) => {
      const column = dialect.quote(name)
      return staged.has(name) ? dialect.differs(`t.${column}`, `s.${column}`) : `t.${column} is not null`
    })
  return [...tests, 't.deleted_at is not null']
}

/** True of all rows but those that stay when their source row is deleted. */
export const doesNotOutlive = ({ dialect }: Merge, id: string): string =>
  `right(${id}, ${SAME_AS.length}) <> ${dialect.literal(SAME_AS)}`

/** Stored live rows that their source row no longer makes; in tables that only grow there are none. */
export const findGone = (merge: Merge, target: Target): string =>
  `${insertInto(merge, target.gone)} select o._row, o.id, o.fate, o.version from ${temp(merge, target.old)} as o ` +
  `left join ${temp(merge, target.stage)} as s on s.id = o.id and s._row = o._row ` +
  `where s.id is null and o.live = 1${staying(merge, target)}${kept(merge, 'o')}`

export const staying = (merge: Merge, { outlives }: Target): string =>
  outlives ? ` and (o.fate = ${Fate.load} or ${doesNotOutlive(merge, 'o.id')})` : ''

/** Source rows, neither filtered nor rejected, of which something is inserted, updated or deleted. */
export const findTouched = (merge: Merge, target: Target): string =>
  `${insertInto(merge, sharedTables.touched)} select s._row ${newRows(merge, target)} ` +
  `union all select _row from ${temp(merge, target.changed)} ` +
  `union all select _row from ${temp(merge, target.gone)} where fate <> ${Fate.filtered}`

export const countTouched = (merge: Merge): string =>
  `select count(distinct _row) as count from ${shared(merge, 'touched')} where _row >= 0`

const newRows = (merge: Merge, target: Target): string =>
  `from ${temp(merge, target.stage)} as s left join ${temp(merge, target.old)} as o on o.id = s.id ` +
  `where o.id is null${kept(merge, 's')}`

/** @param all  true where nothing stored has the staged keys */
export function insertNew(merge: Merge, target: Target, all: boolean): string {
  const { dialect } = merge
  const slot = target.slot === undefined ? [] : ['slot']
  const filled = ['source', 'source_object', 'source_id', 'loaded_at', 'run_id', VERSION_COLUMN]
  const columns = [...slot, ...target.names, ...filled].map(dialect.quote)
  const values = [
    ...slot.map(() => String(target.slot)),
    ...target.names.map((it) => `s.${dialect.quote(it)}`),
    dialect.literal(target.part.source.pipeline),
    dialect.literal(target.part.source.dataset),
    's.source_id',
    dialect.instant(merge.now),
    dialect.literal(merge.runId),
    `s.${VERSION_COLUMN}`,
  ]
  const rows = all
    ? `from ${temp(merge, target.stage)} as s where 1 = 1${kept(merge, 's')}`
    : newRows(merge, target)
  return `insert into ${target.relation} (${columns.join(', ')}) select ${values.join(', ')} ${rows}`
}

export function updateChanged(merge: Merge, target: Target): string {
  const { dialect } = merge
  const staged = new Set(target.names)
  const values = target.table.columns
    .filter((it) => !ENGINE_FILLED.has(it.name))
    .map(({ name }): [string, string] => [name, staged.has(name) ? `s.${dialect.quote(name)}` : 'null'])
  return dialect.update({
    target: target.relation,
    from: temp(merge, target.changed),
    on: `${inSlot(target)}t.id = s.id`,
    by: 'id',
    set: [...values, ['deleted_at', 'null'], ...written(merge), [VERSION_COLUMN, `s.${VERSION_COLUMN}`]],
  })
}

export const deleteGone = (merge: Merge, target: Target): string =>
  merge.dialect.update({
    target: target.relation,
    from: temp(merge, target.gone),
    on: `${inSlot(target)}t.id = s.id`,
    by: 'id',
    set: [['deleted_at', merge.dialect.instant(merge.now)], ...written(merge), [VERSION_COLUMN, 's.version']],
  })

const written = ({ dialect, now, runId }: Merge): [string, string][] => [
  ['loaded_at', dialect.instant(now)],
  ['run_id', dialect.literal(runId)],
]

/**
 * Rows that stay as they are take the version of their source row, so that an older one still comes too late; they do
 * not count as written. Revisions kept in tables that only grow are left alone.
 */
export function raiseVersions(merge: Merge, target: Target): string {
  const { differs } = merge.dialect
  const live = target.append ? ' and s.live = 1' : ''
  return merge.dialect.update({
    target: target.relation,
    from: temp(merge, target.old),
    on:
      `${inSlot(target)}t.id = s.id and ${differs('s.stored', 's.version')} ` +
      `and ${differs(`t.${VERSION_COLUMN}`, 's.version')}${live}${kept(merge, 's')}`,
    by: 'id',
    set: [[VERSION_COLUMN, 's.version']],
  })
}

/** Notes every key that the scan met and that may stay. */
export const noteSeen = (merge: Merge, seen: string): string =>
  `insert into ${seen} (dataset, scan_id, source_id) ` +
  `select ${merge.dialect.cast({ kind: 'id' }, '?')}, ${merge.dialect.cast({ kind: 'id' }, '?')}, source_id ` +
  `from ${shared(merge, 'rows')} where fate in (${Fate.load}, ${Fate.rejected})`
