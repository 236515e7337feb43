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

/** One dataset being loaded: all that the stream road needs, and its record so far. */
export interface Loading {
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
  fence: Fence
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
  /** The turn to commit. */
  commits: Slots
  allowShrink: boolean
  /** Everything is read, changed or not. */
  full: boolean
  /** Aborts when the user asks to stop: what can be committed is committed. */
  signal: AbortSignal
  /** Aborts when the lease is lost: nothing more can be committed. */
  lost: AbortSignal
  report(event: LoadingEvent): void
}

export type LoadingEvent =
  | { kind: 'progress'; doing: RunDoing; pending: number; rejected: number }
  | { kind: 'committed' }
  | { kind: 'mode'; mode: DatasetRun['mode']; estimate?: number }

export type Report = (event: RunEvent) => void
