import type { ColumnFacts, Stored } from '../../core/expr.ts'
import type { Reached } from '../../core/reach.ts'
import type { CopyQuery, CopySlice, WarehouseSession } from '../../core/warehouse.ts'
import { copyQuery, type SaidMapping, sayVersion } from '../../transforms/index.ts'
import type { HeldLookup } from './copy-lookups.ts'
import type { Prepared } from './prepare.ts'
import type { Obstacle } from './road.ts'

/** How a warehouse copies the rows of a dataset by itself. */
export interface CopyPlan {
  query: CopyQuery
  /** Joined in the query's relation. */
  held: HeldLookup[]
  key: CopySlice['order']
  mark?: CopySlice['order'][number]
}

/** What stands in the way of a copy inside the warehouse, or how it is made. */
export type CopyChoice = { obstacles: Obstacle[]; plan?: undefined } | { obstacles: []; plan: CopyPlan }

/** What is copied: a relation with its look-ups, and the mapping over it, of which SQL says all. */
export interface CopiedRelation {
  relation: string
  held: HeldLookup[]
  mapping: SaidMapping
}

/** @param reached  the dataset's own relation */
export function planCopy(
  prepared: Prepared,
  { relation, held, mapping }: CopiedRelation,
  reached: Reached,
  session: WarehouseSession,
  slices: boolean,
): CopyChoice {
  const { dataset, key, cursor } = prepared
  const columns = new Map(reached.columns!.map((it) => [it.name, it]))
  const obstacles = rowObstacles(prepared, slices)
  if ((reached.steps?.length ?? 0) > 0)
    obstacles.push({ what: 'reach', because: 'what it would be read through is made for load: direct only' })
  const placed = key.map((name) => orderOf(columns.get(name), reached))
  for (const it of placed)
    if ('because' in it) obstacles.push({ what: 'key', because: it.because, at: dataset.keyAt ?? dataset.at })
  const column = cursor && columns.get(cursor.name)
  const mark = cursor && orderOf(column, reached)
  const at = dataset.cursorAt ?? dataset.at
  if (mark && 'because' in mark) obstacles.push({ what: 'cursor', because: mark.because, at })
  if (cursor && !mark)
    obstacles.push({ what: 'cursor', because: 'the warehouse does not see its column', at })
  const version = cursor && column && sayVersion(column, cursor.type)
  if (version?.verdict === 'not') obstacles.push({ what: 'cursor', because: version.because, at })
  if (obstacles.length > 0) return { obstacles }
  const said = copyQuery(mapping, relation, version)
  const query = said && { ...said, ...(reached.fetch && { fetch: reached.fetch }) }
  const printed = query?.version && session.print(query.version)
  if (!query || (printed && 'not' in printed))
    return { obstacles: [{ what: 'cursor', because: 'its text cannot be said in SQL', at }] }
  return {
    obstacles: [],
    plan: { query, held, key: placed as Order[], ...(mark && { mark: mark as Order }) },
  }
}

/** What a row of the dataset must be for the warehouse to count it, find it again and judge it. */
export function rowObstacles({ dataset, facts, key }: Prepared, slices: boolean): Obstacle[] {
  const found: Obstacle[] = []
  const add = (what: string, because: string, at = dataset.at) => found.push({ what, because, at })
  if (!facts?.keyProven || facts.key.length === 0 || !facts.key.every((it) => key.includes(it)))
    add('key', 'the source does not prove that its key comes once', dataset.keyAt)
  if (key.some((name) => facts?.schema.fields.find((it) => it.name === name)?.nullable !== false))
    add('key', 'a part of it may be NULL', dataset.keyAt)
  if (!slices || facts?.kind === 'file') add('from', 'its connector does not cut it into slices')
  if (dataset.deletesBySource)
    add('deletes: source', 'the source tells them to its connector', dataset.deletesBySource)
  if (dataset.contract === 'discard_row' || dataset.contract === 'discard_value')
    add(`contract: ${dataset.contract}`, 'rows are held to it one by one')
  return found
}

type Order = { name: string; stored: Stored }

/** Connector and warehouse must order it alike, and its text must be exact. */
function orderOf(column: ColumnFacts | undefined, { how }: Reached): Order | { because: string } {
  const { name, stored, sourceType } = column ?? {}
  if (name === undefined || stored === undefined) return { because: 'the warehouse cannot compare it' }
  if (stored.kind === 'double' || stored.kind === 'boolean')
    return { because: `a ${stored.kind} is no exact position` }
  const isOwnTable = how === 'database' || how === 'server'
  if (stored.kind === 'text' && (!isOwnTable || /^(?:enum|set)\b/.test(sourceType!)))
    return { because: `"${name}" (${sourceType}) may be ordered in another way by its connector` }
  return { name, stored }
}
