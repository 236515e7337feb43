import type { Checkpoint, Position } from '../../core/batch.ts'
import { SourceError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault.ts'
import type { CopySlice, StagedCopy } from '../../core/warehouse.ts'
import { usedFields } from '../contract/agreement.ts'
import type { CopyPlan } from '../plan/copy.ts'
import { requestOf } from '../plan/sources.ts'
import { LeftRows, nothingPending, type Pending, type RejectMemory } from './commit.ts'
import type { Loading } from './loading.ts'
import { askedFields, commit, modeOf, pulled, type Reach, stageBatch, streamRange, tell } from './stream.ts'
import { tellStreamed } from './streamed.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>
type End = 'complete' | 'interrupted'

/** To look one row up takes about as long as to stream so many. */
const LOOK_UP_ROWS = 2000

/**
 * The pushdown road for one range: the warehouse maps and stages the rows of a slice by itself, and each slice is one
 * commit like any other. Rows that fail the guard are read and mapped here, in the same commit; where there are many of
 * them, their whole slice takes the stream road. Positions are those of the stream: either road goes on with the other's.
 *
 * @returns 'interrupted' when the signal stopped it after a commit
 */
export async function copyRange(
  loading: Loading,
  plan: CopyPlan,
  reach: Reach,
  memory: RejectMemory,
): Promise<End> {
  const request = requestOf(loading.prepared.dataset)
  const { rows } = loading.commit
  const slices = pulled(
    loading,
    ({ signal }) => loading.reader.slices!(request, reach.range, reach.at, { rows, signal }),
    true,
  )
  tell(loading, 'reading', nothingPending())
  let straight = true
  for await (const end of slices) {
    const done = await copySlice(loading, plan, reach, { end, straight }, memory)
    if (done === 'interrupted') return done
    straight = done === 'all'
  }
  if (loading.signal.aborted) return 'interrupted'
  if (reach.endIsKept) await commit(loading, reach, nothingPending(), true)
  return 'complete'
}

interface Slice {
  end: Checkpoint
  /** No row is expected to fail the guard. */
  straight: boolean
}

/** @returns whether the guard held of all its rows */
async function copySlice(
  loading: Loading,
  plan: CopyPlan,
  reach: Reach,
  { end, straight }: Slice,
  memory: RejectMemory,
): Promise<'all' | 'some' | 'interrupted'> {
  const pending = nothingPending()
  const { at } = reach
  const slice = sliceOf(plan, at.position as Keyset, end.position as Keyset)
  tell(loading, 'staging', pending)
  faultPoint('K4')
  const staged = await loading.loader.stageQuery(plan.query, slice, {
    mode: modeOf(reach.scan),
    straight,
    among: memory.open,
    mostLeft: Math.ceil(loading.commit.rows / LOOK_UP_ROWS),
  })
  if (staged.failure !== undefined) tellStreamed(loading, staged.failure)
  if (!staged.left) return (await streamSlice(loading, reach, end, memory)) ?? 'some'
  for (const values of staged.left) await stageRow(loading, reach, slice, values, pending, memory)
  // A reading that was stopped gives fewer rows than there are, and nobody would know.
  if (loading.signal.aborted && staged.left.length > 0) {
    await loading.loader.reset()
    return 'interrupted'
  }
  faultPoint('K6')
  try {
    await commitSlice(loading, reach, end, staged, pending)
    return staged.left.length === 0 ? 'all' : 'some'
  } catch (error) {
    if (!(error instanceof LeftRows)) throw error
    await loading.loader.reset()
    reach.at = at
    return copySlice(loading, plan, reach, { end, straight: false }, memory)
  }
}

async function commitSlice(
  loading: Loading,
  reach: Reach,
  end: Checkpoint,
  staged: StagedCopy,
  pending: Pending,
): Promise<void> {
  pending.rows += staged.rows
  pending.healed.push(...staged.among)
  pending.checkpoint = end
  // Within it: rows that go straight keep the source's table as it is until the commit.
  await commit(loading, reach, pending, false, () => insistOnColumns(loading))
}

function sliceOf({ key, mark }: CopyPlan, from: Keyset, to: Keyset): CopySlice {
  const order = to.mark === null ? key : [mark!, ...key]
  const values = (at: Keyset) => (at.mark === null ? at.key : [at.mark, ...at.key])
  return { order, from: { values: values(from), inclusive: from.inclusive }, to: values(to) }
}

/** One row that failed the guard, as it is now: where it has changed its place meanwhile, it is met there. */
async function stageRow(
  loading: Loading,
  reach: Reach,
  { order }: CopySlice,
  values: string[],
  pending: Pending,
  memory: RejectMemory,
): Promise<void> {
  const { prepared, reader } = loading
  const hasMark = order.length > prepared.key.length
  const to: Keyset = {
    kind: 'keyset',
    mark: hasMark ? values[0]! : null,
    key: hasMark ? values.slice(1) : values,
    inclusive: false,
  }
  const from: Checkpoint = { ...reach.at, position: { ...to, inclusive: true } }
  const fields = askedFields(loading)
  const batches = pulled(loading, (ask) =>
    reader.read(requestOf(prepared.dataset), { id: reach.range.id, to }, from, {
      ...ask,
      fields,
      prefer: ['columns'],
    }),
  )
  for await (const batch of batches) await stageBatch(loading, batch, pending, memory, modeOf(reach.scan))
}

/** A slice of which too many rows fail the guard. @returns undefined at its end */
async function streamSlice(
  loading: Loading,
  reach: Reach,
  end: Checkpoint,
  memory: RejectMemory,
): Promise<'interrupted' | undefined> {
  await loading.loader.reset()
  const inner: Reach = { ...reach, range: { ...reach.range, to: end.position }, endIsKept: false }
  if ((await streamRange(loading, inner, memory)) === 'interrupted') {
    reach.at = inner.at
    return 'interrupted'
  }
  reach.at = end
  return undefined
}

/** What the mapping was said over. A column may be retyped at any time; what was staged before stands on the old one. */
async function insistOnColumns({ reader, prepared }: Loading): Promise<void> {
  const { dataset, key } = prepared
  const now = new Map((await reader.describe(requestOf(dataset))).schema.fields.map((it) => [it.name, it]))
  const used = usedFields(dataset, key)
  for (const was of prepared.facts!.schema.fields.filter((it) => used.has(it.name))) {
    const is = now.get(was.name)
    if (is?.type === was.type && is.sourceType === was.sourceType && is.nullable === was.nullable) continue
    throw new SourceError('E409', {
      problem: `"${dataset.from}" changed its column "${was.name}" while it was read.`,
      remedy: `Run again: it goes on as the contract says. See: polder connect discover ${dataset.connection} ${dataset.from}`,
    })
  }
}
