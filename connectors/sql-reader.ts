import {
  type Batch,
  batches,
  type Checkpoint,
  type DatasetFacts,
  type DatasetRequest,
  type Position,
  type Range,
  type ReadAsk,
  type SourceReader,
} from '../sdk/index.ts'
import { inSession, look, type Source } from './sql-look.ts'
import { tableText } from './sql-names.ts'
import { type Plan, planReading } from './sql-plan.ts'
import { asField, markText, sqlRows } from './sql-rows.ts'
import { countNulls, selectHighest, selectNullKeys, selectRows } from './sql-statement.ts'
import type { Raw, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

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

const readable = (table: SqlTable): boolean => table.readable
const listed = (table: SqlTable) => ({
  from: tableText(table),
  kind: table.kind,
  ...(table.rows === undefined ? {} : { rows: table.rows }),
  ...(table.description === undefined ? {} : { description: table.description }),
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
