import { Fate } from '../core/mapping.ts'
import { STATE_NUMBER } from '../core/row-id.ts'
import { inSlot, insertInto, type Merge, shared, temp } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type States, sharedTables, type Target, WATCH_COLUMN } from './staging.ts'
import type { OpenTx } from './transaction.ts'

/*
 * States that are watched (`append_on`). The rows of one state form a history: its first row has the id that the
 * mapping gives, later ones that id with a number. What is staged is compared one after the other with the last stored
 * row, and goes to `stage` only where it differs. Rows that a later one of the commit replaced take their turn too, so
 * that it does not matter which rows share a commit.
 */

type Watching = Target & { states: States }

const isWatching = (it: Target): it is Watching => it.states !== undefined

/** Before the first staged row: what is stored. */
const STORED = -1
/** Written for a source row that is counted otherwise. */
const UNCOUNTED = -1

/**
 * Fills `stage` of the parts that watch states; to be called once `old` is filled.
 * @param old  rows in `old` of each part
 * @returns false where no part watches
 */
export async function settleStates(
  tx: OpenTx,
  merge: Merge,
  targets: Target[],
  old: number[],
): Promise<boolean> {
  if (!targets.some(isWatching)) return false
  const { joinTarget, joinStaging } = merge.dialect
  const settings = async (list: string[]) => {
    if (list.length > 0) await tx.run(list.join('; '))
  }
  for (const [at, target] of targets.entries()) if (old[at]! > 0) await tx.run(noteFloor(merge, target))
  await settings(joinStaging)
  await tx.run(findWinners(merge))
  for (const [at, target] of targets.entries()) {
    if (!isWatching(target)) continue
    if (old[at]! > 0) {
      await settings(joinTarget)
      await tx.run(findLast(merge, target))
      await tx.run(chainStored(merge, target))
    }
    await settings(joinStaging)
    await tx.run(chainStaged(merge, target))
    await tx.run(keepOthers(merge, target))
    await tx.run(addStates(merge, target))
  }
  await settings(joinTarget)
  return true
}

const noteFloor = (merge: Merge, target: Target): string =>
  `${insertInto(merge, sharedTables.floor)} select _row, stored from ${temp(merge, target.old)}`

/** `skip` holds only what was replaced in this commit until now. */
const findWinners = (merge: Merge): string =>
  `${insertInto(merge, sharedTables.winner)} select r._row, r.source_id, r.version, r.fate, f.version ` +
  `from ${shared(merge, 'rows')} as r left join ` +
  `(select _row, max(version) as version from ${shared(merge, 'floor')} group by _row) as f on f._row = r._row ` +
  `where r.fate <> ${Fate.rejected}` +
  (merge.skips ? ` and r._row not in (select _row from ${shared(merge, 'skip')})` : '')

const text = (merge: Merge, value: string): string => merge.dialect.literal(value)

/** The last row of every staged history, whatever became of it. */
function findLast(merge: Merge, target: Watching): string {
  const { dialect } = merge
  const { last, raw } = target.states
  const colon = text(merge, STATE_NUMBER)
  const tail = dialect.cast(
    { kind: 'integer' },
    `substr(t.id, char_length(s.id) + ${STATE_NUMBER.length + 1})`,
  )
  const number = `max(case when t.id = s.id then 1 else ${tail} end)`
  const later = `substr(t.id, 1, char_length(s.id) + ${STATE_NUMBER.length}) = concat(s.id, ${colon})`
  return (
    `${insertInto(merge, last)} select base, number, ` +
    `case when number = 1 then base else concat(base, ${colon}, number) end, watch from ` +
    `(select s.id as base, ${number} as number, max(s.${WATCH_COLUMN}) as watch from ${temp(merge, raw)} as s ` +
    `${dialect.drive} ${target.relation} as t${dialect.lookUp.source} on ${inSlot(target)}t.source_id = s.source_id ` +
    `where s.${WATCH_COLUMN} > 0 and (t.id = s.id or ${later}) group by s.id) as found`
  )
}

const watchedNames = ({ dialect }: Merge, { states }: Watching): string[] =>
  states.chain.columns.slice(4).map((it) => dialect.quote(it.name))

function chainStored(merge: Merge, target: Watching): string {
  const { dialect } = merge
  const { chain, last } = target.states
  const values = watchedNames(merge, target).map((it) => `, t.${it}`)
  return (
    `${insertInto(merge, chain)} select l._base, ${STORED}, l._number, l.${WATCH_COLUMN}${values.join('')} ` +
    `from ${temp(merge, last)} as l ${dialect.drive} ${target.relation} as t${dialect.lookUp.id} ` +
    `on ${inSlot(target)}t.id = l.id`
  )
}

/** What is older than anything stored of its source row comes too late. */
function chainStaged(merge: Merge, target: Watching): string {
  const { chain, raw } = target.states
  const values = watchedNames(merge, target).map((it) => `, s.${it}`)
  return (
    `${insertInto(merge, chain)} select s.id, s._row, 0, s.${WATCH_COLUMN}${values.join('')} ` +
    `from ${temp(merge, raw)} as s ${merge.dialect.drive} ${shared(merge, 'winner')} as w on w.source_id = s.source_id ` +
    `where s.${WATCH_COLUMN} > 0 and not coalesce(w.floor > s.${VERSION_COLUMN}, false)`
  )
}

/** Rows of the part that watch nothing. */
function keepOthers(merge: Merge, target: Watching): string {
  const names = target.stage.columns.map((it) => merge.dialect.quote(it.name)).join(', ')
  const { raw } = target.states
  return `${insertInto(merge, target.stage)} select ${names} from ${temp(merge, raw)} where ${WATCH_COLUMN} = 0`
}

/**
 * Rows that differ from the one before them, numbered on. They carry the version of the row that wins the commit: all
 * that is older than that comes too late. Where that row left the scope, it is counted as filtered and not once more.
 */
function addStates(merge: Merge, target: Watching): string {
  const { dialect } = merge
  const { chain, raw } = target.states
  const own = target.stage.columns.slice(4).map((it) => `, s.${dialect.quote(it.name)}`)
  const number = dialect.cast({ kind: 'integer' }, 'c.number')
  return (
    `${insertInto(merge, target.stage)} ` +
    `select case when w.fate = ${Fate.filtered} then ${UNCOUNTED} else w._row end, s.source_id, w.version, ` +
    `case when c.number = 1 then s.id else concat(s.id, ${text(merge, STATE_NUMBER)}, ${number}) end${own.join('')} ` +
    `from (select _base, _row, step, sum(step) over (partition by _base order by _row) as number ` +
    `from (select _base, _row, case when _row = ${STORED} then _number when ${isChange(merge, target)} then 1 else 0 end as step ` +
    `from (select ${withBefore(merge, target)} from ${temp(merge, chain)}) as pairs) as steps) as c ` +
    `${dialect.drive} ${temp(merge, raw)} as s on s.id = c._base and s._row = c._row ` +
    `${dialect.drive} ${shared(merge, 'winner')} as w on w.source_id = s.source_id where c.step > 0`
  )
}

/** Every row of the chain with the values of the one before it; before the first row all are NULL. */
function withBefore(merge: Merge, target: Watching): string {
  const before = watchedNames(merge, target).map(
    (it, at) => `, ${it}, lag(${it}) over (partition by _base order by _row) as _before_${at}`,
  )
  return `_base, _row, _number, ${WATCH_COLUMN}${before.join('')}`
}

function isChange(merge: Merge, target: Watching): string {
  const { dialect } = merge
  const names = watchedNames(merge, target)
  const differs = (column: string) => {
    const name = dialect.quote(column)
    return dialect.differs(name, `_before_${names.indexOf(name)}`)
  }
  const cases = target.states.watch.map(
    (columns, at) => `(${WATCH_COLUMN} = ${at + 1} and (${columns.map(differs).join(' or ')}))`,
  )
  return cases.join(' or ')
}
