import { Fate } from '../core/mapping.ts'
import { different, inSlot, insertInto, kept, type Merge, staying, temp } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type Numbered, sharedTables, type Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

/**
 * Most source rows make one row of a part. There the staged row stands for its source row, which is not staged once more;
 * and one look at the part, by source key, finds what is stored and compares it.
 */
export interface Lead {
  target: Target
}

/** Finds the part that leads a commit. One that watches states needs all source rows beside it. */
export class Leading {
  private readonly targets: Target[]
  private target?: Target
  /** A batch did not fit: all source rows are needed in `rows`. */
  private broken: boolean
  /** Those that fit. */
  private batches: Numbered[] = []

  constructor(targets: Target[]) {
    this.targets = targets
    this.broken = targets.some((it) => it.states !== undefined)
  }

  /** @returns 1 for every source row that a staged row stands for */
  add(numbered: Numbered): Uint8Array {
    const none = new Uint8Array(numbered.batch.rows)
    if (numbered.batch.parts.every((it) => it.rows === 0)) return none
    this.target ??= this.targets.find((it) => standing(numbered, it)?.includes(1))
    const stands = this.broken || this.target === undefined ? undefined : standing(numbered, this.target)
    if (stands === undefined) {
      this.broken = true
      return none
    }
    this.batches.push(numbered)
    return stands
  }

  /** Source rows were staged in `rows` together with what they make: no staged row may stand for any. */
  break(): void {
    this.broken = true
  }

  clear(): void {
    this.target = undefined
    this.broken = this.targets.some((it) => it.states !== undefined)
    this.batches = []
  }

  /** In the commit's transaction, before it merges. */
  async settle(tx: OpenTx, merge: Merge): Promise<Lead | undefined> {
    const { target } = this
    if (target === undefined || this.batches.length === 0) return undefined
    if (!this.broken) return { target }
    const spans = this.batches.map(({ first, batch }) => `_row >= ${first} and _row < ${first + batch.rows}`)
    await tx.run(
      `${insertInto(merge, sharedTables.rows)} select _row, source_id, ${VERSION_COLUMN}, ${Fate.load} ` +
        `from ${temp(merge, target.stage)} where ${spans.map((it) => `(${it})`).join(' or ')}`,
    )
    return undefined
  }
}

/** @returns undefined where a source row makes several rows of the part, or one that its fate does not load */
function standing({ batch, kept }: Numbered, { table }: Target): Uint8Array | undefined {
  const stands = new Uint8Array(batch.rows)
  for (const { sourceRow, table: name } of batch.parts) {
    if (name !== table.name) continue
    for (const row of sourceRow) {
      if (stands[row] === 1 || batch.fates[row] !== Fate.load) return undefined
      stands[row] = 1
    }
  }
  for (let row = 0; row < batch.rows; row++) if (kept[row] === 0) stands[row] = 0
  return stands
}

const live = 'case when t.deleted_at is null then 1 else 0 end'

/** As `findOld`, for the source rows that rows of the leading part stand for. */
export function findOldByLead(merge: Merge, target: Target, lead: Lead): string {
  const isLead = target === lead.target
  const differs = isLead
    ? `case when t.id <> s.id then null when ${different(merge, target).join(' or ')} then 1 else 0 end`
    : merge.dialect.cast({ kind: 'integer' }, 'null')
  return (
    `${insertInto(merge, target.old)} ` +
    `select s._row, t.id, ${Fate.load}, ${live}, t.${VERSION_COLUMN}, s.${VERSION_COLUMN}, ${differs} ` +
    `from ${temp(merge, lead.target.stage)} as s ${merge.dialect.drive} ${target.relation} as t${merge.dialect.lookUp.source} ` +
    `on ${inSlot(target)}t.source_id = s.source_id where 1 = 1${kept(merge, 's')}`
  )
}

/** One row: staged rows, stored rows that have one of them, those of these that differ, and live ones that have none. */
export const countOld = (merge: Merge, { old, stage }: Target): string =>
  `select (select count(*) from ${temp(merge, stage)}) as staged, count(differs) as met, ` +
  'count(case when differs = 1 then 1 end) as different, ' +
  `count(case when differs is null and live = 1 then 1 end) as lone from ${temp(merge, old)}`

/** As `findChanged`. */
export const findChangedByLead = (merge: Merge, target: Target): string => {
  const names = target.changed.columns.map((it) => `s.${merge.dialect.quote(it.name)}`)
  return (
    `${insertInto(merge, target.changed)} select ${names.join(', ')} from ${temp(merge, target.old)} as o ` +
    `${merge.dialect.drive} ${temp(merge, target.stage)} as s on s.id = o.id and s._row = o._row ` +
    `where o.differs = 1${kept(merge, 'o')}`
  )
}

/** As `findGone`. */
export const findGoneByLead = (merge: Merge, target: Target): string =>
  `${insertInto(merge, target.gone)} select o._row, o.id, o.fate, o.version from ${temp(merge, target.old)} as o ` +
  `where o.differs is null and o.live = 1${staying(merge, target)}${kept(merge, 'o')}`

export const noteSeenByLead = (merge: Merge, seen: string, { target }: Lead): string =>
  `insert into ${seen} (dataset, scan_id, source_id) ` +
  `select ${merge.dialect.cast({ kind: 'id' }, '?')}, ${merge.dialect.cast({ kind: 'id' }, '?')}, source_id ` +
  `from ${temp(merge, target.stage)}`
