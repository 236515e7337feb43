import type { SourceReader } from '../../core/connector.ts'
import type { Mapper } from '../../core/mapping.ts'
import type { DatasetRun, RunDoing, RunEvent } from '../../core/report.ts'
import type { Fence, Loader, LookupRows, WarehouseSession } from '../../core/warehouse.ts'
import type { BatchGuard } from '../contract/batch-guard.ts'
import type { LookupTable } from '../lookup/table.ts'
import type { CopyPlan } from '../plan/copy.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { StateStore } from '../state/store.ts'
import type { ReadyPart } from './parts.ts'
import type { Slots } from './slots.ts'

/** A dataset's lease, as its holder sees it. */
export interface Lease {
  fence: Fence
  /** Aborts when it is lost: nothing more can be committed. */
  lost: AbortSignal
  /** The end of a renewal that is under way, which waits for commits. */
  renewed(): Promise<void>
}

/** One dataset being loaded: all that the stream road needs, and its record so far. */
export interface Loading extends Lease {
  prepared: Prepared
  mapper: Mapper
  reader: SourceReader
  /** What expressions see beside the rows. */
  lookups: LookupTable[]
  session: WarehouseSession
  store: StateStore
  loader: Loader
  parts: ReadyPart[]
  /** The warehouse copies the rows by itself. */
  copy?: CopyPlan & { lookups: LookupRows[] }
  /** Holds what is read to the schema contract. */
  guard: BatchGuard
  runId: string
  /** `0`: the dataset's own checkpoint; else that of a range. */
  rangeId: string
  /** Version of the stored checkpoint; undefined before the first. */
  version: number | undefined
  /** While a range is read: version of the dataset's own checkpoint, which keeps the ranges of this scan. */
  scanVersion?: number | undefined
  /** Grows with every commit. */
  run: DatasetRun
  /** When a commit ends; `bytes` as read. */
  commit: { rows: number; seconds: number; bytes: number }
  /** Readings at the same time in this run; one is held by this dataset. */
  slots: Slots
  /** The turn to write the run's record, at the end of a commit. */
  commits: Slots
  allowShrink: boolean
  /** Everything is read, changed or not. */
  full: boolean
  /** Aborts when the user asks to stop: what can be committed is committed. */
  signal: AbortSignal
  report(event: LoadingEvent): void
}

export type LoadingEvent =
  | { kind: 'progress'; doing: RunDoing; pending: number; rejected: number }
  | { kind: 'committed' }
  | { kind: 'mode'; mode: DatasetRun['mode']; estimate?: number }

export type Report = (event: RunEvent) => void
