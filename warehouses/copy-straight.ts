import {
  type CopyText,
  from,
  guard,
  isTrue,
  keyAndVersion,
  say,
  scope,
  targetOf,
  typeOf,
} from './copy-slice.ts'
import type { Merge } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'

/**
 * One row of `query.rows`, straight into its part. Where a row of the slice fails the guard the engine refuses the whole
 * statement, since it has no id for such a row: the guard is tested once, and nothing has to be counted for it.
 */
export function insertDirect(given: CopyText, merge: Pick<Merge, 'now' | 'runId'>, row: number): string {
  const { dialect, query } = given
  const { table, made, columns } = query.rows[row]!
  const target = targetOf(given, table)
  const { source } = target.part
  const [sourceId, version] = keyAndVersion(given)
  const [holds] = guard(given)
  const refusal = dialect.refuse(dialect.quote(given.slice.order.at(-1)!.name))
  const value = ({ name, value }: (typeof columns)[number]): string => {
    const type = typeOf(target, name)
    const sql = dialect.taken?.(type, value) ?? dialect.declared(type, say(given, value))
    if (name !== 'id' || !holds) return sql
    // In one type, or every id is cast once more.
    return `case when ${holds} then ${sql} else ${dialect.declared(type, refusal)} end`
  }
  const pairs: [string, string][] = [
    ...(target.slot === undefined ? [] : [['slot', String(target.slot)] as [string, string]]),
    ...columns.map((it): [string, string] => [it.name, value(it)]),
    ['source', dialect.literal(source.pipeline)],
    ['source_object', dialect.literal(source.dataset)],
    ['source_id', sourceId!],
    ['loaded_at', dialect.instant(merge.now)],
    ['run_id', dialect.literal(merge.runId)],
    [VERSION_COLUMN, version!],
  ]
  const conditions = [...scope(given), ...(isTrue(made) ? [] : [say(given, made)])].slice(holds ? 1 : 0)
  // What does not hold of a row that fails the guard may not keep it out of sight.
  const chosen =
    holds && conditions.length > 0
      ? [`case when ${holds} then ${conditions.join(' and ')} else 1 = 1 end`]
      : conditions
  return (
    `insert into ${target.relation} (${pairs.map(([name]) => dialect.quote(name)).join(', ')}) ` +
    `select ${pairs.map(([, sql]) => sql).join(', ')} ${from(given, ...chosen)}`
  )
}

/** One row: `rows_read`, and of them `inside` the scope, `makers`, and `gone` (tombstones). The guard holds of all. */
export function countDirect(given: CopyText): string {
  const { query } = given
  const count = (name: string, conditions: string[]) =>
    conditions.length === 0
      ? `count(*) as ${name}`
      : `coalesce(sum(case when ${conditions.join(' and ')} then 1 else 0 end), 0) as ${name}`
  const inside = scope(given).slice(isTrue(query.guard) ? 0 : 1)
  const some = query.rows.some(({ made }) => isTrue(made))
    ? []
    : [`(${query.rows.map(({ made }) => say(given, made)).join(' or ')})`]
  const gone = query.deletes ? count('gone', [say(given, query.deletes)]) : '0 as gone'
  return `select count(*) as rows_read, ${count('inside', inside)}, ${count('makers', [...inside, ...some])}, ${gone} ${from(given)}`
}
