import type { Checkpoint } from '../../core/batch.ts'
import type { FieldType } from '../../core/field.ts'
import { earlier, shiftInstant } from '../../core/instant.ts'

/** How far before the newest mark the next reading begins: commits at the source come late. */
const LOOKBACK_MS = 10 * 60_000
const DAY_MS = 86_400_000

/** A dataset's checkpoint as stored: its last complete reading, and one that is under way. */
export interface DatasetState {
  v: 1
  /** `Prepared.hash` of the reading below. */
  mapping: string
  complete?: { highWater?: string; readStartedAt: string; endedAt: string }
  scan?: Scan
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
  /** The last committed position; null before the first commit. */
  at: Checkpoint | null
  /** The parts were empty when it began and the source proves its key: rows are appended, not merged. */
  append: boolean
}

export type Decision =
  | { mode: 'full'; because: string }
  | { mode: 'incremental'; fromMark: string; because: string }
  | { mode: 'resume'; scan: Scan; because: string }

/** What the next run of a dataset reads. Pure: `plan` prints what `run` does. */
export function decide(
  state: DatasetState | undefined,
  ask: { hash: string; cursorType?: FieldType; full: boolean },
): Decision {
  if (ask.full) return { mode: 'full', because: '--full' }
  if (!state) return { mode: 'full', because: 'never read before' }
  if (state.mapping !== ask.hash) return { mode: 'full', because: 'the mapping has changed' }
  if (state.scan)
    return { mode: 'resume', scan: state.scan, because: 'the last reading did not reach its end' }
  if (!ask.cursorType) return { mode: 'full', because: 'the dataset has no cursor' }
  if (!state.complete) return { mode: 'full', because: 'no reading was complete yet' }
  if (state.complete.highWater === undefined) return { mode: 'full', because: 'the cursor had no value yet' }
  const fromMark = startMark(state.complete.highWater, state.complete.readStartedAt, ask.cursorType)
  return { mode: 'incremental', fromMark, because: 'the cursor tells what has changed' }
}

/** `min(cursor, last read start − lookback)`, inclusive; numbers start at the cursor itself. */
export function startMark(highWater: string, readStartedAt: string, type: FieldType): string {
  switch (type) {
    case 'timestamp':
      return earlier(highWater, shiftInstant(readStartedAt, -LOOKBACK_MS))
    case 'datetime':
      // Its zone is the source's own affair; the newest mark is never later than the reading's start.
      return shiftInstant(highWater, -LOOKBACK_MS)
    case 'date':
      return shiftInstant(`${highWater}T00:00:00.000000`, -DAY_MS).slice(0, 10)
    default:
      return highWater
  }
}
