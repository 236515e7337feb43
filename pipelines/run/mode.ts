import type { Checkpoint, Position, Range, Settling } from '../../core/batch.ts'
import type { FieldType } from '../../core/field.ts'
import { earlier, shiftInstant } from '../../core/instant.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import { changedLookup, type LookedUp, type LookupPrints } from '../lookup/print.ts'

/** How far before the newest mark the next reading begins: commits at the source come late. */
const LOOKBACK_MS = 10 * 60_000
const DAY_MS = 86_400_000

/** A dataset's checkpoint as stored: its last complete reading, and one that is under way. */
export interface DatasetState {
  v: 1
  /** `Prepared.hash` of the reading below. */
  mapping: string
  complete?: {
    highWater?: string
    /** Given back to the source's next `split`. */
    settling?: Settling
    /** `Prepared.origin`: the marks above mean something only there. */
    origin: string
    readStartedAt: string
    endedAt: string
    /** When the last full read ended; the warehouse's clock. */
    fullAt?: string
    /** When the last key scan ended; the warehouse's clock. */
    scannedAt?: string
    /** Types of the key fields: the stored ids are written in their way. */
    keyTypes?: string
    /** What its rows were joined with. */
    lookups?: LookupPrints
  }
  scan?: Scan
  keys?: KeyScan
}

/** A comparison of all keys, which follows an incremental reading in the same run. */
export interface KeyScan {
  id: string
  /** Only the run that began it goes on with it: a reading in between would have seen rows that it does not know. */
  runId: string
  /** The warehouse's clock. */
  startedAt: string
  /** The last committed position; absent before the first commit. */
  at?: Position
}

/** One reading of a dataset from its start to its end, over as many runs as it takes. */
export interface Scan {
  id: string
  kind: 'full' | 'incremental'
  /** The warehouse's clock. */
  startedAt: string
  /** What `split` promised before the reading began. */
  highWater: Checkpoint
  from: Checkpoint | null
  /** The last committed position; null before the first commit, and where ranges have positions of their own. */
  at: Checkpoint | null
  /** Read at the same time, in key order and without gaps; absent: all in one. */
  ranges?: Range[]
  /** The parts were empty when it began and the source proves its key: rows are appended, not merged. */
  append: boolean
  /** What its rows are joined with: with anything else it begins anew. */
  lookups?: LookupPrints
}

export type Decision =
  /** `fromMark`: the dataset's `start`. */
  | { mode: 'full'; fromMark?: string; because: string }
  | { mode: 'incremental'; fromMark: string; because: string }
  | { mode: 'resume'; scan: Scan; because: string }

export interface ModeAsk {
  hash: string
  origin: string
  cursorType?: FieldType
  /** Asked for on the command line. */
  full: boolean
  /** `full:` of the dataset is due, by the last full read that the state tells. */
  fullDue: boolean
  /** Canonical. */
  start?: string
  lookback?: DatasetSpec['lookback']
  remap?: DatasetSpec['remap']
  /** What is looked up now; absent where it was not read (`plan`). */
  lookedUp?: LookedUp
}

const IN_PLACE = 'view '

/** What the checkpoint of a dataset that is mapped in place says of its mapping. */
export const inPlace = (hash: string): string => `${IN_PLACE}${hash}`
const isInPlace = ({ mapping }: DatasetState): boolean => mapping.startsWith(IN_PLACE)

/** What the next run of a dataset reads. Pure: `plan` prints what `run` does. */
export function decide(state: DatasetState | undefined, ask: ModeAsk): Decision {
  const full = (because: string): Decision => ({ mode: 'full', fromMark: ask.start, because })
  if (ask.full) return full('--full')
  if (!state) return full('never read before')
  if (isInPlace(state)) return full('it was mapped in place before')
  const changed = state.mapping !== ask.hash
  const goesOn = ask.remap === 'forward' && state.complete?.origin === ask.origin
  if (changed && !goesOn) return full('the mapping has changed')
  const reading = (!changed && state.scan) || state.complete
  const table = reading && changedLookup(reading.lookups, ask.lookedUp, changed)
  if (table !== undefined) return full(`the looked-up table ${table} has changed`)
  if (state.scan && !changed) {
    return { mode: 'resume', scan: state.scan, because: 'the last reading did not reach its end' }
  }
  if (!ask.cursorType) return full('the dataset has no cursor')
  if (!state.complete) return full('no reading was complete yet')
  if (ask.fullDue) return full('a full read is due')
  const { highWater, readStartedAt } = state.complete
  if (highWater === undefined) return full('the cursor had no value yet that is safe to go on from')
  const fromMark = startMark(highWater, readStartedAt, ask.cursorType, ask.lookback)
  const because = changed ? 'only new changes take the new mapping' : 'the cursor tells what has changed'
  return { mode: 'incremental', fromMark, because }
}

/** `min(cursor, last read start − lookback)`, inclusive; numbers start at the cursor itself, or units before it. */
export function startMark(
  highWater: string,
  readStartedAt: string,
  type: FieldType,
  lookback: DatasetSpec['lookback'] = { millis: LOOKBACK_MS },
): string {
  const millis = 'millis' in lookback ? lookback.millis : 0
  switch (type) {
    case 'timestamp':
      return earlier(highWater, shiftInstant(readStartedAt, -millis))
    case 'datetime':
      // Its zone is the source's own affair; the newest mark is never later than the reading's start.
      return shiftInstant(highWater, -millis)
    case 'date':
      return shiftInstant(`${highWater}T00:00:00.000000`, -Math.max(DAY_MS, millis)).slice(0, 10)
    default:
      return 'units' in lookback ? minus(highWater, lookback.units) : highWater
  }
}

/** Whole numbers of any length; of a fraction the whole part is moved, which only begins earlier. */
function minus(mark: string, units: number): string {
  const [whole, fraction] = mark.split('.')
  const floor = BigInt(whole!) - (fraction !== undefined && mark.startsWith('-') ? 1n : 0n)
  return (floor - BigInt(units)).toString()
}
