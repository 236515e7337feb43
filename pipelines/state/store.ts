import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Counts } from '../../core/counts.ts'
import { LeaseError, type Problem } from '../../core/errors.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Reject, ValueChange } from '../../core/mapping.ts'
import type { DatasetRun, RunStatus } from '../../core/report.ts'
import { shorten } from '../../core/row-id.ts'
import type { Json } from '../../core/value.ts'
import type { Tx, WarehouseSession } from '../../core/warehouse.ts'
import { execute, rowsOf, sqlBuilder } from './sql.ts'
import { stateSteps } from './tables.ts'

/** Rejected rows are personal data: they go after this time, loaded or not. */
const REJECT_DAYS = 30
/** Statements stay well below every engine's limit on binds. */
const ROWS_PER_INSERT = 500

export interface StoredCheckpoint {
  version: number
  state: Json
}

export interface RejectToStore extends Reject {
  sourceId: string
  version: string | null
  /** How many rejects of this run came before it that are the same row by all that is known. */
  occurrence: number
}

/** Where a commit stands in its run. */
export interface CommitPlace {
  commitId: string
  runId: string
  dataset: string
  rangeId: string
  seq: number
}

/** Polder's memory in the internal schema: runs, checkpoints, counters, rejects. No state lies anywhere else. */
export class StateStore {
  readonly session: WarehouseSession
  readonly knex: Knex

  private constructor(session: WarehouseSession, knex: Knex) {
    this.session = session
    this.knex = knex
  }

  /** Creates what is missing. */
  static async open(session: WarehouseSession): Promise<StateStore> {
    const store = new StateStore(session, await sqlBuilder(session))
    await session.prepare()
    await session.ddl(stateSteps(store.knex, session.internal))
    return store
  }

  table(name: string): Knex.QueryBuilder {
    return this.knex(name).withSchema(this.session.internal)
  }

  /** The warehouse's clock, canonical. */
  async now(tx: Pick<Tx, 'query'> = this.session): Promise<string> {
    const clock = this.session.facts.builder === 'mysql2' ? 'current_timestamp(6)' : 'current_timestamp'
    const [row] = await tx.query<{ now: string }>(`select ${clock} as now`)
    return row!.now
  }

  async startRun(runId: string, holder: string): Promise<string> {
    const now = await this.now()
    await this.session.transaction(async (tx) => {
      await execute(
        tx,
        this.table('runs').insert({ run_id: runId, status: 'running', started_at: now, holder }),
      )
    })
    return now
  }

  async endRun(runId: string, status: RunStatus, exitCode: number): Promise<string> {
    const now = await this.now()
    await this.session.transaction(async (tx) => {
      const end = { status, ended_at: now, exit_code: exitCode }
      await execute(tx, this.table('runs').where({ run_id: runId }).update(end))
    })
    return now
  }

  /** Runs that still say `running` although their process is gone become `killed`. */
  async closeDeadRuns(isDead: (holder: string) => boolean): Promise<void> {
    const open = this.table('runs').select('run_id', 'holder').where({ status: 'running' })
    const rows = await rowsOf<{ run_id: string; holder: string }>(this.session, open)
    const dead = rows.filter((it) => isDead(it.holder)).map((it) => it.run_id)
    if (dead.length === 0) return
    await this.session.transaction(async (tx) => {
      const ended = { status: 'killed', ended_at: await this.now(tx) }
      await execute(tx, this.table('runs').whereIn('run_id', dead).update(ended))
      await execute(
        tx,
        this.table('run_datasets').whereIn('run_id', dead).where({ status: 'running' }).update(ended),
      )
    })
  }

  async purgeRejects(now: string): Promise<void> {
    const oldest = daysBefore(now, REJECT_DAYS)
    await this.session.transaction(async (tx) => {
      await execute(tx, this.table('rejects').where('created_at', '<', oldest).delete())
    })
  }

  async checkpoint(dataset: string, rangeId: string): Promise<StoredCheckpoint | undefined> {
    const query = this.table('checkpoints').select('version', 'state').where({ dataset, range_id: rangeId })
    const [row] = await rowsOf<{ version: number; state: string }>(this.session, query)
    return row && { version: Number(row.version), state: JSON.parse(row.state) }
  }

  /**
   * Moves a checkpoint from `expected` (undefined: there was none) to its next version.
   * @throws {LeaseError} E706 it is not at `expected`
   */
  async moveCheckpoint(
    tx: Tx,
    at: { dataset: string; rangeId: string },
    expected: number | undefined,
    state: Json,
  ): Promise<number> {
    const key = { dataset: at.dataset, range_id: at.rangeId }
    const next = (expected ?? 0) + 1
    const values = { version: next, state: JSON.stringify(state), updated_at: await this.now(tx) }
    const [row] = await rowsOf<{ version: number }>(
      tx,
      this.table('checkpoints').select('version').where(key),
    )
    if ((row && Number(row.version)) !== expected) {
      throw new LeaseError('E706', {
        problem: `The checkpoint of "${at.dataset}" was moved by another process.`,
        remedy: 'Run again; it goes on from the stored checkpoint.',
      })
    }
    if (expected === undefined) await execute(tx, this.table('checkpoints').insert({ ...key, ...values }))
    else await execute(tx, this.table('checkpoints').where(key).update(values))
    return next
  }

  /** Drops the checkpoints of a dataset's ranges: the dataset's own stands for all of them now. */
  async forgetRanges(tx: Tx, dataset: string): Promise<void> {
    await execute(tx, this.table('checkpoints').where({ dataset }).whereNot({ range_id: '0' }).delete())
  }

  async recordBatch(tx: Tx, at: CommitPlace, counts: Counts): Promise<void> {
    const row = {
      commit_id: shorten(at.commitId),
      run_id: at.runId,
      dataset: at.dataset,
      range_id: at.rangeId,
      seq: at.seq,
      ...counterColumns(counts),
      committed_at: await this.now(tx),
    }
    await execute(tx, this.table('batches').insert(row))
  }

  /** Writes the dataset's row of this run, whole. */
  async recordDataset(tx: Tx, runId: string, run: DatasetRun): Promise<void> {
    const key = { run_id: runId, dataset: run.dataset }
    await execute(tx, this.table('run_datasets').where(key).delete())
    await execute(tx, this.table('run_datasets').insert({ ...key, ...datasetColumns(run) }))
  }

  /** Stores rejects by (dataset, source key or row, version); one already stored is replaced. */
  async storeRejects(
    tx: Tx,
    runId: string,
    dataset: string,
    hash: string,
    rejects: RejectToStore[],
  ): Promise<void> {
    if (rejects.length === 0) return
    const now = await this.now(tx)
    const rows = new Map(rejects.map((it) => [rejectId(dataset, it), it]))
    const stored = [...rows].map(([reject_id, it]) => ({
      reject_id,
      run_id: runId,
      dataset,
      source_id: it.sourceId,
      version: it.version,
      code: it.code,
      table_name: it.table ?? null,
      column_name: it.column ?? null,
      reason: it.reason,
      row_json: canonicalJson(it.row),
      mapping_hash: hash,
      created_at: now,
    }))
    for (let i = 0; i < stored.length; i += ROWS_PER_INSERT) {
      const some = stored.slice(i, i + ROWS_PER_INSERT)
      const ids = some.map((it) => it.reject_id)
      await execute(tx, this.table('rejects').whereIn('reject_id', ids).delete())
      await execute(tx, this.table('rejects').insert(some))
    }
  }

  /** Source ids of the dataset's open rejects. */
  async openRejects(dataset: string): Promise<Set<string>> {
    const query = this.table('rejects').distinct('source_id').where({ dataset }).whereNull('closed_at')
    const rows = await rowsOf<{ source_id: string }>(this.session, query)
    return new Set(rows.map((it) => it.source_id).filter((it) => it !== ''))
  }

  async closeRejects(tx: Tx, runId: string, dataset: string, sourceIds: string[]): Promise<void> {
    const closed = { closed_at: sourceIds.length ? await this.now(tx) : '', closed_by: runId }
    for (let i = 0; i < sourceIds.length; i += ROWS_PER_INSERT) {
      const some = sourceIds.slice(i, i + ROWS_PER_INSERT)
      const open = this.table('rejects').where({ dataset }).whereNull('closed_at').whereIn('source_id', some)
      await execute(tx, open.update(closed))
    }
  }

  /** Ends the rejects that a complete full read did not meet again: mended, or gone from the source. */
  async closeOldRejects(tx: Tx, runId: string, dataset: string, before: string): Promise<void> {
    const open = this.table('rejects')
      .where({ dataset })
      .whereNull('closed_at')
      .where('created_at', '<', before)
    await execute(tx, open.update({ closed_at: await this.now(tx), closed_by: runId }))
  }

  async countChanges(tx: Tx, runId: string, dataset: string, changes: ValueChange[]): Promise<void> {
    for (const it of sumChanges(changes)) {
      const key = { run_id: runId, dataset, table_name: it.table, column_name: it.column, code: it.code }
      const [row] = await rowsOf<{ changed: number }>(tx, this.table('changes').select('changed').where(key))
      if (row)
        await execute(
          tx,
          this.table('changes')
            .where(key)
            .update({ changed: Number(row.changed) + it.count }),
        )
      else await execute(tx, this.table('changes').insert({ ...key, changed: it.count }))
    }
  }
}

/** What makes two rejects of different runs the same: key and version, or the row itself where it has no key. */
export function rejectIdentity(it: Pick<RejectToStore, 'sourceId' | 'version' | 'row' | 'reason'>): string {
  const row = ['row', canonicalJson(it.row), it.reason]
  return JSON.stringify(it.sourceId === '' ? row : ['key', it.sourceId, it.version])
}

function rejectId(dataset: string, it: RejectToStore): string {
  const identity = JSON.stringify([dataset, rejectIdentity(it), it.occurrence])
  return createHash('sha256').update(identity).digest('hex')
}

function sumChanges(changes: ValueChange[]): ValueChange[] {
  const sums = new Map<string, ValueChange>()
  for (const it of changes) {
    const key = JSON.stringify([it.table, it.column, it.code])
    const sum = sums.get(key)
    if (sum) sum.count += it.count
    else sums.set(key, { ...it })
  }
  return [...sums.values()]
}

const counterColumns = (counts: Counts): Record<string, number> => ({
  rows_read: counts.read,
  rows_loaded: counts.loaded,
  rows_unchanged: counts.unchanged,
  rows_superseded: counts.superseded,
  rows_filtered: counts.filtered,
  rows_rejected: counts.rejected,
})

function datasetColumns(run: DatasetRun): Record<string, string | number | null> {
  return {
    road: 'stream',
    mode: run.mode,
    status: run.status,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
    ...counterColumns(run.counts),
    deleted: run.deleted,
    commits: run.commits,
    tables: JSON.stringify(run.tables),
    end_mark: run.cursor ?? null,
    problem: run.problem ? JSON.stringify(storedProblem(run.problem)) : null,
    warnings: JSON.stringify(run.warnings.map(storedProblem)),
  }
}

/** A problem without the text of the file that it points into. */
function storedProblem(it: Problem): Problem {
  return it.at ? { ...it, at: { ...it.at, file: { path: it.at.file.path, text: '' } } } : it
}

/** `days` before a canonical instant; whole milliseconds are exact enough for a retention time. */
function daysBefore(instant: string, days: number): string {
  const millis = Date.parse(`${instant.slice(0, 23)}Z`) - days * 86_400_000
  return `${new Date(millis).toISOString().slice(0, 23)}000Z`
}
