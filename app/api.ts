import type { Problem } from '../core/errors.ts'
import type { DatasetFacts } from '../core/field.ts'
import type {
  ConnectionTest,
  EvalReport,
  LineageReport,
  PlanReport,
  PreviewReport,
  RejectRecord,
  RunEvent,
  RunReport,
  StatusReport,
  TestReport,
} from '../core/report.ts'
import type { ProjectSpec } from '../core/spec.ts'
import type { ScheduleClock } from '../pipelines/index.ts'

/** Which datasets: nothing = all; `shop` = a pipeline; `shop.customers` = one dataset. */
export type Selection = string[]

/**
 * A project, opened. Nothing is contacted until a method needs it.
 * Every method throws a `PolderError` or `ConfigErrors`; `ConfigErrors` holds all problems of all files.
 */
export interface Polder {
  project: ProjectSpec
  /**
   * All that can be found without running. Sources are asked only where that costs no network, else their last
   * discovery is used.
   */
  validate(): Promise<ValidateReport>
  testConnections(names: string[]): Promise<ConnectionTest[]>
  /** Without `from`: the datasets of the connection; with it: one of them with its fields. Refreshes the schema cache. */
  discover(connection: string, from?: string): Promise<DiscoverReport>
  plan(selection: Selection): Promise<PlanReport>
  /**
   * Which fields of the sources feed which columns; nothing is contacted that costs the network.
   * @param column `party`, `party.email` or `email`; without it all columns
   */
  lineage(selection: Selection, column?: string): Promise<LineageReport>
  preview(dataset: string, options: { rows: number; signal?: AbortSignal }): Promise<PreviewReport>
  /**
   * Tries an expression on the first rows of a dataset, in its zones, with its key and its `$ref` targets.
   * @throws {ConfigErrors} the expression has errors
   */
  eval(
    expression: string,
    dataset: string,
    options: { rows: number; signal?: AbortSignal },
  ): Promise<EvalReport>
  run(selection: Selection, options: RunOptions): Promise<RunReport>
  status(selection: Selection): Promise<StatusReport>
  runs(options: { limit: number }): Promise<RunReport[]>
  runById(runId: string): Promise<RunReport>
  rejects(options: {
    selection: Selection
    runId?: string
    limit: number
    reveal: boolean
  }): Promise<RejectRecord[]>
  /** Runs the `tests:` of the selected pipelines in a throw-away embedded warehouse. */
  test(selection: Selection): Promise<TestReport>
  /**
   * Runs every pipeline that has a `schedule:` at its due times, until the signal aborts; due times lie in the
   * warehouse, so of several schedulers one runs each of them.
   */
  schedule(options: ScheduleOptions): Promise<void>
  close(): Promise<void>
}

export interface ScheduleOptions {
  signal: AbortSignal
  clock: ScheduleClock
  onEvent(event: RunEvent): void
  onSchedule(event: ScheduleEvent): void
}

/** What a scheduler does; instants are ISO 8601 UTC. */
export type ScheduleEvent =
  | { kind: 'waiting'; next: { pipeline: string; at: string }[] }
  | { kind: 'due'; pipeline: string; dueAt: string }
  /** The pipeline was still busy. */
  | { kind: 'skipped'; pipeline: string; dueAt: string }
  /** Another scheduler has it. */
  | { kind: 'taken'; pipeline: string; dueAt: string }
  | { kind: 'ended'; pipeline: string; report: RunReport }
  | { kind: 'failed'; pipeline: string; dueAt: string; problems: Problem[] }

export interface RunOptions {
  full: boolean
  allowShrink: boolean
  /** The sources' columns are taken as they are now, whatever the contract says. */
  acceptSchema?: boolean
  /** First abort: stop after the commit in hand. */
  signal: AbortSignal
  onEvent(event: RunEvent): void
}

export interface ValidateReport {
  files: number
  problems: Problem[]
  /** Connections whose datasets could not be checked, since they were never discovered. */
  unchecked: string[]
}

export interface DiscoverReport {
  connection: string
  datasets?: { from: string; kind: DatasetFacts['kind']; rows?: number; description?: string }[]
  dataset?: DatasetFacts
}
