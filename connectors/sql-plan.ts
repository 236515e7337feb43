import {
  type Checkpoint,
  type DatasetRequest,
  type Position,
  type Range,
  type ReadAsk,
  SourceError,
} from '../sdk/index.ts'
import { inSession, type Looked, look, type Source } from './sql-look.ts'
import { findColumn } from './sql-names.ts'
import type { Reading } from './sql-rows.ts'
import type { Bounds, Selection } from './sql-statement.ts'
import type { SqlColumn } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>

/** One reading, ready to run. */
export interface Plan {
  reading: Reading
  bounds: Bounds
  /** Bounds of the rows whose key holds a NULL: they are read whole, whatever was read before. */
  nullBounds: Bounds
}

/** @throws {SourceError} E413 the position was taken with another key or cursor */
export async function planReading(
  source: Source,
  dataset: DatasetRequest,
  range: Range,
  from: Checkpoint | null,
  ask: ReadAsk,
): Promise<Plan> {
  const { looked, now } = await inSession(source.engine, dataset.from, async (session) => ({
    looked: await look(session, dataset, source),
    now: from?.readStartedAt ?? (await session.now()),
  }))
  const find = (name: string) => findColumn(name, looked.columns, dataset.from, source.connection)
  const key = (dataset.key ?? looked.key).map(find)
  const start = startOf(from?.position ?? range.from, key, looked, dataset)
  const to = keysetOf(range.to, dataset)
  const incremental = typeof start?.mark === 'string'
  const columns = chosen(looked, key, ask.fields, find)
  const unique = looked.key.length > 0 && looked.key.every((name) => key.some((it) => it.name === name))
  const what: Selection = {
    table: looked.table,
    columns,
    key,
    ties: unique
      ? []
      : key.flatMap(({ name, ties }) => (typeof ties === 'function' ? [tieOf(name, ties)] : [])),
    ...(incremental ? { mark: looked.mark } : {}),
  }
  const highWater = to?.mark ?? from?.highWater
  const clock = {
    ...(highWater === undefined || highWater === null ? {} : { highWater }),
    readStartedAt: now,
  }
  const reading: Reading = { what, unique, clock, ...(looked.mark ? { mark: looked.mark } : {}), start }
  const nullStart = incremental ? nullKeyStart(range.from, start!, dataset) : undefined
  return { reading, bounds: { from: start, to }, nullBounds: { from: nullStart, to } }
}

const tieOf =
  (name: string, tie: (ref: string) => string) =>
  (quote: (name: string) => string): string =>
    tie(quote(name))

function chosen(looked: Looked, key: SqlColumn[], fields: string[], find: (name: string) => SqlColumn) {
  if (fields.includes('*')) return looked.columns
  const wanted = new Set([...fields.map(find), ...key, ...(looked.mark ? [looked.mark] : [])])
  return looked.columns.filter((it) => wanted.has(it))
}

function keysetOf(position: Position | undefined, dataset: DatasetRequest): Keyset | undefined {
  if (position === undefined || position.kind === 'keyset') return position
  throw foreign(dataset)
}

function startOf(
  position: Position | undefined,
  key: SqlColumn[],
  looked: Looked,
  dataset: DatasetRequest,
): Keyset | undefined {
  const start = keysetOf(position, dataset)
  if (!start) return undefined
  const otherKey = start.key.length > 0 && start.key.length !== key.length
  if (otherKey || (start.mark !== null && !looked.mark)) throw foreign(dataset)
  return start
}

const foreign = (dataset: DatasetRequest): SourceError =>
  new SourceError('E413', {
    problem: `The stored position of ${dataset.ref} does not fit its key or cursor any more.`,
    remedy: `Read it anew: polder run ${dataset.ref} --full`,
  })

function nullKeyStart(from: Position | undefined, start: Keyset, dataset: DatasetRequest): Keyset {
  const first = keysetOf(from, dataset) ?? start
  return { kind: 'keyset', mark: first.mark, key: [], inclusive: true }
}
