import { type Batch, type Column, Op } from '../core/batch.ts'
import type { FieldType } from '../core/field.ts'
import { Fate, type FilledPart, type MappedBatch, type Reject } from '../core/mapping.ts'
import { versionText } from '../core/mark.ts'
import { shorten } from '../core/row-id.ts'
import type { Json } from '../core/value.ts'
import { addBroken, countChanges, finish, newOutput, type Output, sizesOf, takeBack } from './batch-output.ts'
import type { Expression } from './expression.ts'
import { Misfit, Rejected } from './misfit.ts'
import { isTrue, setOwn, storableJson } from './plain.ts'
import { type KeyField, keyFields, rowKey } from './row-key.ts'
import { makeRows, type Work } from './rows.ts'
import { type Runtime, startBatch, startRow } from './runtime.ts'
import type { CompiledTarget } from './target.ts'

/** A dataset's mapping with everything found out that does not change from batch to batch. */
export interface Plan {
  runtime: Runtime
  where?: Expression
  /** True for a tombstone. */
  deletes?: Expression
  targets: CompiledTarget[]
  parts: FilledPart[]
  /** Names of the key fields. */
  key: string[]
  /** Those of the batch in hand. */
  keyFields: KeyField[]
  cursor?: string
  /** Names of what is looked up: fields of the batch that the source row does not have. */
  lookups: ReadonlySet<string>
}

/** Rows after which the event loop gets a turn: leases are renewed and signals heard while a batch is mapped. */
const TURN_MS = 20
const ROWS_PER_LOOK = 64

export async function mapBatch(plan: Plan, batch: Batch, columns: Column[]): Promise<MappedBatch> {
  const { runtime } = plan
  startBatch(runtime, batch.schema, columns)
  plan.keyFields = keyFields(plan.key, batch.schema, columns)
  const out = newOutput(plan.parts, batch)
  const cursorType = batch.schema.fields.find((it) => it.name === plan.cursor)?.type
  let turnAt = performance.now()
  for (let row = 0; row < batch.rows; row++) {
    startRow(runtime, row)
    out.mapped.versions.push(versionOf(batch, row, cursorType))
    const waiting = mapRow(plan, batch, out)
    if (waiting) await waiting
    if (row % ROWS_PER_LOOK === 0 && performance.now() - turnAt > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      turnAt = performance.now()
    }
  }
  addBroken(batch, out)
  return finish(out)
}

function versionOf(batch: Batch, row: number, cursorType: FieldType | undefined): string | null {
  if (batch.mark === undefined) return null
  return versionText(batch.mark[row], cursorType ?? 'timestamp')
}

/** Maps the row in hand; a promise only where the interpreter was needed, so that simple rows cost no turn. */
function mapRow(plan: Plan, batch: Batch, out: Output): Promise<void> | undefined {
  sizesOf(out, out.before)
  try {
    const work = workOn(plan, batch, out)
    const step = work.next()
    if (!step.done) return waitFor(work, step.value, plan, out)
    settle(step.value, plan, out)
  } catch (cause) {
    refuse(cause, plan, out)
  }
  return undefined
}

async function waitFor(work: Work<number>, first: Promise<unknown>, plan: Plan, out: Output): Promise<void> {
  try {
    settle(await finishWork(work, first), plan, out)
  } catch (cause) {
    refuse(cause, plan, out)
  }
}

function settle(fate: number, { runtime }: Plan, out: Output): void {
  out.mapped.fates[runtime.row] = fate
  if (fate === Fate.load || fate === Fate.deleted) countChanges(out)
  else out.changes.length = 0
}

function refuse(cause: unknown, plan: Plan, out: Output): void {
  if (!(cause instanceof Misfit) && !(cause instanceof Rejected)) throw cause
  takeBack(out, out.before)
  settle(Fate.rejected, plan, out)
  out.mapped.rejects.push(rejectOf(plan, cause instanceof Misfit ? new Rejected(cause) : cause))
}

async function finishWork(work: Work<number>, first: Promise<unknown>): Promise<number> {
  let waiting = first
  for (;;) {
    const step = await waiting.then(
      (value) => work.next(value),
      (cause) => work.throw(cause),
    )
    if (step.done) return step.value
    waiting = step.value
  }
}

/** @returns the row's fate */
function* workOn(plan: Plan, batch: Batch, out: Output): Work<number> {
  const { runtime, where, deletes, targets } = plan
  const op = batch.ops?.[runtime.row] ?? Op.upsert
  out.mapped.keys.push('')
  runtime.key = rowKey(plan.keyFields, runtime.row)
  out.mapped.keys[runtime.row] = shorten(runtime.key)
  if (op === Op.delete) return yield* bury(plan, out)
  const refusal = batch.refused?.get(runtime.row)
  if (refusal) throw new Misfit(refusal.code, refusal.reason)
  if (op === Op.patch) throw PATCH
  if (deletes && isTrue(yield* resultOf(deletes))) return yield* bury(plan, out)
  if (where && !isTrue(yield* resultOf(where))) return Fate.filtered
  for (const target of targets) yield* makeRows(target, runtime, out)
  return Fate.load
}

/**
 * A tombstone makes nothing but what `same_as` says: a merge is often told by the very record that it deletes. Where that
 * fails the row is deleted all the same, and what was lost is counted.
 */
function* bury({ targets, runtime }: Plan, out: Output): Work<number> {
  for (const target of targets.filter((it) => it.link)) {
    const before = sizesOf(out, [])
    try {
      yield* makeRows(target, runtime, out)
    } catch (cause) {
      if (!(cause instanceof Misfit) && !(cause instanceof Rejected)) throw cause
      takeBack(out, before)
      const { code } = cause instanceof Misfit ? cause : cause.misfit
      out.changes.push({ table: target.table, column: 'to_id', code })
    }
  }
  return Fate.deleted
}

function* resultOf(expression: Expression): Work<unknown> {
  const value = expression.run()
  return value instanceof Promise ? yield value : value
}

const PATCH = new Misfit('E526', 'the source sent only some fields of the row')

function rejectOf({ runtime, lookups }: Plan, { misfit, table, column }: Rejected): Reject {
  const row: Record<string, unknown> = {}
  runtime.schema.fields.forEach(({ name }, at) => {
    if (!lookups.has(name)) setOwn(row, name, storableJson(runtime.columns[at]?.[runtime.row]))
  })
  return { sourceRow: runtime.row, code: misfit.code, table, column, reason: misfit.reason, row: row as Json }
}
