import { availableParallelism } from 'node:os'
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { MappedBatch } from '../../core/mapping.ts'
import type { Fence, LoadCounts, Loader, Part, WarehouseSession } from '../../core/warehouse.ts'
import { Slots } from '../../pipelines/run/slots.ts'
import { freshWarehouse, type TestWarehouse, type WarehouseName } from '../../tests/support/warehouse.ts'
import { type Limit, limits } from './limits.ts'
import { type Line, median, sampled, seconds } from './measure.ts'
import { benchTable, mappedBatch, NAMES } from './rows.ts'

const COMMIT_ROWS = 100_000
const BATCH_ROWS = 2048
const LEASE_MS = 3_600_000

type Session = WarehouseSession

interface Taken {
  rowsPerSecond: number
  rssMegabytes: number
}

export interface Ask {
  rows: number
  rounds: number
  only: WarehouseName[]
}

/**
 * The loader alone, on batches that are mapped already, in commits of 100,000 rows, beside the engine's own limit in
 * the same round; the warehouses take turns.
 */
export async function benchLoader({ rows, rounds, only }: Ask): Promise<Line[]> {
  const taken = new Map<string, Map<string, Taken>[]>()
  for (let round = 0; round < rounds; round++)
    for (const name of only) {
      const results = await oneRound(name, rows)
      taken.set(name, [...(taken.get(name) ?? []), results])
      process.stderr.write(`round ${round + 1}, ${name}\n`)
    }
  return [...taken].flatMap(([name, all]) => summary(name, all))
}

const LIMIT = 'limit: '
const isLimit = (what: string): boolean => what.startsWith(LIMIT)

/** Shares are of the first limit; of the others in the notes. */
function summary(of: string, rounds: Map<string, Taken>[]): Line[] {
  const names = [...rounds[0]!.keys()]
  const [limit, ...others] = names.filter(isLimit)
  const share = (what: string, limit: string) =>
    median(rounds.map((it) => it.get(what)!.rowsPerSecond / it.get(limit)!.rowsPerSecond))
  return names.map((what) => {
    const speeds = rounds.map((it) => it.get(what)!.rowsPerSecond)
    if (isLimit(what)) return { of, what, rowsPerSecond: median(speeds) }
    return {
      of,
      what,
      rowsPerSecond: median(speeds),
      share: share(what, limit!),
      limit: limit!.slice(LIMIT.length),
      notes: others.map((it) => `${share(what, it).toFixed(2)} of ${it.slice(LIMIT.length)}`).join(', '),
      rssMegabytes: Math.max(...rounds.map((it) => it.get(what)!.rssMegabytes)),
    }
  })
}

async function oneRound(name: WarehouseName, rows: number): Promise<Map<string, Taken>> {
  const warehouse = await freshWarehouse(name)
  const session = await warehouse.open()
  try {
    await session.prepare()
    const fence = await session.lease('bench.people', 'bench:1', LEASE_MS)
    return await measureAll(warehouse, session, fence, rows)
  } finally {
    await session.close()
    await warehouse.drop()
  }
}

async function measureAll(
  warehouse: TestWarehouse,
  session: Session,
  fence: Fence,
  rows: number,
): Promise<Map<string, Taken>> {
  const results = new Map<string, Taken>()
  const load = (part: Part, mode: 'append' | 'merge', edition: (n: number) => number) =>
    loadAll({ session, fence, part, mode, rows, edition })
  const appended = await newPart(session, 1)
  const append = await load(appended, 'append', () => 0)
  for (const limit of await limits(warehouse.name, { warehouse, session, part: appended, rows }))
    results.set(limit.name, await takeLimit(limit, rows))
  results.set('append', append)
  const merged = await newPart(session, 2)
  results.set('merge, all new', await load(merged, 'merge', () => 0))
  results.set('merge, all equal', await load(merged, 'merge', () => 0))
  results.set('merge, 10 % changed', await load(merged, 'merge', (n) => (n % 10 === 0 ? 1 : 0)))
  return results
}

async function takeLimit({ run }: Limit, rows: number): Promise<Taken> {
  const { result, samples } = await sampled(() => seconds(run))
  return { rowsPerSecond: rows / result, rssMegabytes: Math.max(...samples) }
}

async function newPart(session: Session, id: number): Promise<Part> {
  const relation = session.facts.unionPushdown ? `bench__people_${id}` : 'bench__parts'
  const part: Part = {
    id,
    table: benchTable.name,
    source: { pipeline: 'bench', dataset: 'people' },
    generation: 1,
    nativeKey: ['id'],
    changes: 'loaded_at',
    state: 'live',
    form: session.facts.unionPushdown ? { kind: 'table', relation } : { kind: 'slice', relation, slot: id },
  }
  await session.ddl(await session.partSteps(part, benchTable))
  return part
}

interface Load {
  session: Session
  fence: Fence
  part: Part
  mode: 'append' | 'merge'
  rows: number
  edition: (n: number) => number
}

let commits = 0

/**
 * Stages and commits as a run does: with as many ranges as the machine has processors, each with a loader of its own. What
 * is appended is written side by side; of those that merge one commits while the others stage; where large commits cost
 * less, there is one range. A first load ends with the sweep, which makes the keys. Making the batches is not timed, so
 * all stand still for it every so often.
 */
async function loadAll({ session, fence, part, mode, rows, edition }: Load): Promise<Taken> {
  const startedAt = await session.clock()
  const scan = { id: `scan ${commits}`, startedAt, maxDrop: 1, runId: 'bench' }
  const large = mode === 'append' ? session.facts.appendRows : undefined
  const parallel = large === undefined ? Math.min(4, availableParallelism()) : 1
  const loaders = await openLoaders(session, part, parallel)
  const { result, samples } = await sampled(async () => {
    let spent = 0
    const phase = 5 * (large ?? COMMIT_ROWS)
    for (let first = 0; first < rows; first += phase) {
      const todo = batchesOf(first, Math.min(rows, first + phase), large ?? COMMIT_ROWS / parallel, edition)
      const turn = new Slots(mode === 'append' && session.facts.writers > 1 ? parallel : 1)
      spent += await seconds(() => Promise.all(loaders.map((it) => load({ ...it, fence, mode }, todo, turn))))
    }
    const [{ session: own, loader }] = loaders as [Worker]
    const sweep = () => commit(own, fence, async (tx) => ({ ...(await loader.sweep(tx, scan)) }))
    return mode === 'append' ? spent + (await seconds(sweep)) : spent
  })
  for (const it of loaders) await it.loader.close()
  for (const it of loaders.slice(1)) await it.session.close()
  return { rowsPerSecond: rows / result, rssMegabytes: Math.max(...samples) }
}

interface Worker {
  session: Session
  loader: Loader
}

function openLoaders(session: Session, part: Part, parallel: number): Promise<Worker[]> {
  const sessions = Array.from({ length: parallel }, (_, i) => (i === 0 ? session : session.fork()))
  return Promise.all(
    sessions.map(async (it) => ({
      session: it,
      loader: await it.loader([{ part, table: benchTable, names: NAMES }]),
    })),
  )
}

/** By commit. */
function batchesOf(first: number, end: number, rows: number, edition: Load['edition']): MappedBatch[][] {
  const size = Math.ceil(rows)
  return Array.from({ length: Math.ceil((end - first) / size) }, (_, i) => {
    const from = first + i * size
    const to = Math.min(end, from + size)
    return Array.from({ length: Math.ceil((to - from) / BATCH_ROWS) }, (_, k) => {
      const at = from + k * BATCH_ROWS
      return mappedBatch(at, Math.min(BATCH_ROWS, to - at), edition)
    })
  })
}

async function load(
  { session, loader, fence, mode }: Worker & Pick<Load, 'fence' | 'mode'>,
  todo: MappedBatch[][],
  turn: Slots,
): Promise<void> {
  for (let batches = todo.shift(); batches; batches = todo.shift()) {
    for (const batch of batches) {
      await loader.stage(batch, mode)
      // As between batches that are read.
      await othersTurn()
    }
    const counts = await turn.use(() =>
      commit(session, fence, async (tx) => ({ ...(await loader.apply(tx, { mode, runId: 'bench' })) })),
    )
    check(
      counts as LoadCounts,
      batches.reduce((sum, it) => sum + it.rows, 0),
    )
  }
}

async function commit(session: Session, fence: Fence, work: Parameters<Session['commit']>[2]) {
  commits += 1
  const outcome = await session.commit(`bench ${commits}`, fence, work)
  if (!('done' in outcome)) throw new Error('This commit was there before.')
  return outcome.done as unknown
}

function check(counts: LoadCounts, rows: number): void {
  if (counts.loaded + counts.unchanged !== rows)
    throw new Error(`${rows} rows were staged and these counted: ${JSON.stringify(counts)}`)
}
