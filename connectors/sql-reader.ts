import { MARK_TYPES } from '../core/mark.ts'
import {
  type Batch,
  batches,
  type Checkpoint,
  ConfigError,
  type DatasetFacts,
  type DatasetRequest,
  type Position,
  type Range,
  type ReadAsk,
  SourceError,
  type SourceReader,
} from '../sdk/index.ts'
import { findColumn, findTable, tableText } from './sql-names.ts'
import { asField, markText, type Reading, sqlRows } from './sql-rows.ts'
import {
  type Bounds,
  countNulls,
  type Selection,
  selectHighest,
  selectNullKeys,
  selectRows,
} from './sql-statement.ts'
import type { Raw, SqlColumn, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>

/** Reads any SQL engine: catalogs for facts, one streaming query per reading, keysets for positions. */
export function sqlReader(engine: SqlEngine, connection: string): SourceReader {
  const known = new Map<string, SqlTable>()
  const source: Source = { engine, connection, known }
  return {
    test: () => inSession(engine, undefined, (it) => it.version()),
    datasets: () =>
      inSession(engine, undefined, async (it) =>
        (await it.tables({ estimates: true })).filter(readable).map(listed),
      ),
    describe: (dataset) => inSession(engine, dataset.from, (it) => describe(it, dataset, source)),
    split: (dataset) => inSession(engine, dataset.from, (it) => split(it, dataset, source)),
    read: (dataset, range, from, ask) => read(source, dataset, range, from, ask),
    countNullMarks: (dataset) => inSession(engine, dataset.from, (it) => countNullMarks(it, dataset, source)),
    relation: (dataset) => engine.relation(known.get(dataset.from) ?? splitName(dataset.from, engine)),
    close: async () => {},
  }
}

interface Source {
  engine: SqlEngine
  connection: string
  /** Tables by the `from` that named them. */
  known: Map<string, SqlTable>
}

/** What the catalogs say of a dataset. */
interface Looked {
  table: SqlTable
  columns: SqlColumn[]
  /** The primary key. */
  key: string[]
  mark?: SqlColumn
}

const readable = (table: SqlTable): boolean => table.readable
const listed = (table: SqlTable) => ({
  from: tableText(table),
  kind: table.kind,
  ...(table.rows === undefined ? {} : { rows: table.rows }),
  ...(table.description === undefined ? {} : { description: table.description }),
})

async function inSession<T>(
  engine: SqlEngine,
  from: string | undefined,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  try {
    const session = await engine.connect()
    try {
      return await work(session)
    } finally {
      await session.close()
    }
  } catch (error) {
    throw engine.fault(error, from)
  }
}

async function look(session: SqlSession, dataset: DatasetRequest, source: Source): Promise<Looked> {
  const { engine, connection, known } = source
  const table = findTable(dataset.from, await session.tables({ estimates: false }), engine, connection)
  known.set(dataset.from, table)
  const columns = await session.columns(table)
  if (columns.length === 0) throw noColumns(dataset)
  const key = await session.key(table)
  const column = (name: string) => findColumn(name, columns, dataset.from, connection)
  for (const name of dataset.key ?? []) column(name)
  const mark = dataset.cursor === undefined ? undefined : column(dataset.cursor)
  if (mark && !MARK_TYPES.includes(mark.type)) throw noMark(mark, dataset)
  return { table, columns, key, ...(mark ? { mark } : {}) }
}

const noColumns = (dataset: DatasetRequest): SourceError =>
  new SourceError('E408', {
    problem: `The server tells no columns of "${dataset.from}".`,
    remedy: 'A view over a table that is gone has none: run the view in the database itself.',
  })

const noMark = (column: SqlColumn, dataset: DatasetRequest): ConfigError =>
  new ConfigError('E407', {
    problem: `"${column.name}" of "${dataset.from}" is ${column.sourceType}, which cannot be a cursor.`,
    remedy:
      'Choose a number, date or time that grows with every change, or leave cursor out to read in full.',
  })

async function describe(session: SqlSession, dataset: DatasetRequest, source: Source): Promise<DatasetFacts> {
  const { table, columns, key } = await look(session, dataset, source)
  const rows = await session.estimate(table)
  const facts = listed({ ...table, ...(rows === undefined ? {} : { rows }) })
  return { ...facts, schema: { fields: columns.map(asField) }, key, keyProven: key.length > 0 }
}

async function split(session: SqlSession, dataset: DatasetRequest, source: Source) {
  const { table, mark } = await look(session, dataset, source)
  // The clock first: a mark set after it is certainly above the high water or read again.
  const readStartedAt = await session.now()
  const highest = mark && (await session.rows(await selectHighest(source.engine, table, mark)))[0]?.[0]
  const known = mark && highest !== null && highest !== undefined
  const highWater = known ? markText(mark.decode(highest)) : undefined
  const range: Range = { id: '0', ...(highWater === undefined ? {} : { to: keyset(highWater) }) }
  const checkpoint: Checkpoint = {
    v: 1,
    position: { kind: 'keyset', mark: null, key: [], inclusive: false },
    ...(highWater === undefined ? {} : { highWater }),
    readStartedAt,
  }
  return { highWater: checkpoint, ranges: [range] }
}

const keyset = (mark: string): Keyset => ({ kind: 'keyset', mark, key: [], inclusive: true })

async function countNullMarks(session: SqlSession, dataset: DatasetRequest, source: Source): Promise<number> {
  const { table, mark } = await look(session, dataset, source)
  if (!mark) return 0
  const [row] = await session.rows(await countNulls(source.engine, table, mark))
  return Number(row![0])
}

async function* read(
  source: Source,
  dataset: DatasetRequest,
  range: Range,
  from: Checkpoint | null,
  ask: ReadAsk,
): AsyncGenerator<Batch> {
  ask.signal.throwIfAborted()
  try {
    const plan = await planReading(source, dataset, range, from, ask)
    yield* batches(rawRows(source.engine, plan, ask.signal), sqlRows(plan.reading), range, ask)
  } catch (error) {
    ask.signal.throwIfAborted()
    throw source.engine.fault(error, dataset.from)
  }
}

interface Plan {
  reading: Reading
  bounds: Bounds
  /** Bounds of the rows whose key holds a NULL: they are read whole, whatever was read before. */
  nullBounds: Bounds
}

async function planReading(
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
  const start = startOf(from?.position ?? range.from, key.length, dataset)
  const to = keysetOf(range.to, dataset)
  const incremental = looked.mark !== undefined && typeof start?.mark === 'string'
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

function startOf(position: Position | undefined, keys: number, dataset: DatasetRequest): Keyset | undefined {
  const start = keysetOf(position, dataset)
  if (start && start.key.length > 0 && start.key.length !== keys) throw foreign(dataset)
  return start
}

const foreign = (dataset: DatasetRequest): SourceError =>
  new SourceError('E413', {
    problem: `The stored position of ${dataset.ref} does not fit its key any more.`,
    remedy: `Read it anew: polder run ${dataset.ref} --full`,
  })

function nullKeyStart(from: Position | undefined, start: Keyset, dataset: DatasetRequest): Keyset {
  const first = keysetOf(from, dataset) ?? start
  return { kind: 'keyset', mark: first.mark, key: [], inclusive: true }
}

async function* rawRows(engine: SqlEngine, plan: Plan, signal: AbortSignal): AsyncGenerator<Raw[][]> {
  const { reading } = plan
  for await (const rows of engine.stream(await selectRows(engine, reading.what, plan.bounds), signal)) {
    reading.lastWhole = rows.at(-1)
    yield rows
  }
  if (reading.what.key.some((it) => it.nullable))
    yield* engine.stream(await selectNullKeys(engine, reading.what, plan.nullBounds), signal)
}

function splitName(from: string, engine: SqlEngine): Pick<SqlTable, 'schema' | 'name'> {
  const dot = from.indexOf('.')
  if (dot < 0) return { schema: engine.defaultSchema ?? '', name: from }
  return { schema: from.slice(0, dot), name: from.slice(dot + 1) }
}
