import type { Place } from '../../core/place.ts'
import { type Fetch, isNear, type Reached } from '../../core/reach.ts'
import type { DatasetSpec } from '../../core/spec.ts'

/** What stands between a dataset and a road. */
export interface Obstacle {
  /** `party.birth_date`, `where`, `append_on` … */
  what: string
  /** In words, ending in what to change where there is something. */
  because: string
  at?: Place
}

/** All that the choice of a road depends on. */
export interface RoadFacts {
  load: DatasetSpec['load']
  reached: Reached
  /** What of the dataset SQL does not say in a view. */
  unsaid: Obstacle[]
  /** The same in a copy inside the warehouse, where it is not that of the view. */
  uncopied?: Obstacle[]
  /** What a view cannot have. */
  unviewable: Obstacle[]
  /** What a copy inside the warehouse cannot have. */
  unpushable: Obstacle[]
  /** Rows that a view would leave out now, since a guard does not hold. */
  leftOut?: number
  /** Is it mapped in place already? Then rows that a guard leaves out are told, not turned into another road. */
  isView: boolean
  /** Does a union of views and tables answer a filtered query without working out the whole? */
  unionPushdown: boolean
  /** Of the source, estimated. */
  rows?: number
}

export interface Road {
  road: 'view' | 'pushdown' | 'stream'
  because: string[]
  /** What stands in the way of the view; empty on it. */
  obstacles: Obstacle[]
}

/** The cheapest road that gives the same rows. Pure: `plan` prints what `run` does. */
export function chooseRoad(facts: RoadFacts): Road {
  const obstacles = viewObstacles(facts)
  if (obstacles.length === 0) return { road: 'view', because: viewReasons(facts), obstacles }
  const { reached, unsaid, uncopied = unsaid, unpushable, load } = facts
  const pushable = reached.relation !== undefined && uncopied.length === 0 && unpushable.length === 0
  if (pushable && load !== 'direct')
    return {
      road: 'pushdown',
      because: [reached.because, 'the warehouse copies the rows by itself'],
      obstacles,
    }
  const because = ['rows are read, mapped in this process and merged', ...whyStreamed(facts)]
  return { road: 'stream', because, obstacles }
}

/** What of it is not told by the obstacles of the view. */
function whyStreamed({ load, reached, unsaid, uncopied = unsaid, unpushable }: RoadFacts): string[] {
  if (reached.relation === undefined || load === 'direct') return []
  const told = new Set(load === 'copy' ? [] : unsaid.map((it) => it.because))
  const found = [...uncopied.filter((it) => !told.has(it.because)), ...unpushable]
  const [first, ...more] = found
  if (first === undefined) return []
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  return [`the warehouse cannot copy them by itself: ${first.what}: ${first.because}${others}`]
}

/** With `load: direct` only what a view cannot be right without. */
function viewObstacles(facts: RoadFacts): Obstacle[] {
  const { load, reached, unsaid, unviewable, leftOut = 0, isView, unionPushdown } = facts
  if (load === 'copy') return [{ what: 'load: copy', because: 'the dataset asks for a copy' }]
  if (reached.relation === undefined) {
    const remedy = reached.remedy ? ` (${reached.remedy})` : ''
    return [{ what: 'reach', because: `${reached.because}${remedy}` }]
  }
  if (reached.fetch)
    return [{ what: 'reach', because: reached.fetch.because }, ...apart(unsaid, reached.fetch)]
  const found = [...unsaid, ...unviewable]
  if (load === 'direct') return found
  if (!isNear(reached))
    found.push({ what: 'reach', because: `${reached.because}: in place only with load: direct` })
  if (!unionPushdown)
    found.push({
      what: 'reach',
      because:
        'this warehouse works out a whole union view for every query over it: in place only with load: direct',
    })
  if (leftOut > 0 && !isView)
    found.push({
      what: 'rows',
      because: `${leftOut} ${leftOut === 1 ? 'row' : 'rows'} would be left out: in place only with load: direct`,
    })
  return found
}

/** Without what look-ups are refused for, which is the same. */
const apart = (unsaid: Obstacle[], { because }: Fetch): Obstacle[] =>
  unsaid.filter((it) => it.because !== because)

const viewReasons = ({ reached, unionPushdown, rows }: RoadFacts): string[] => [
  reached.because,
  'SQL gives what the mapping gives',
  ...(unionPushdown
    ? []
    : [
        `every query over the unified table reads this source in full${rows === undefined ? '' : `, about ${rows} rows`}`,
      ]),
]
