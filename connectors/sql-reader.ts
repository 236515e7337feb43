import {
  type Batch,
  batches,
  type Checkpoint,
  ConfigError,
  type DatasetFacts,
  type DatasetRequest,
  type Range,
  type ReadAsk,
  SourceError,
  type SourceReader,
} from '../sdk/index.ts'
import { IdleSessions } from './sql-idle.ts'
import { inSession, look, type Source } from './sql-look.ts'
import { tableText } from './sql-names.ts'
import { type Plan, planReading } from './sql-plan.ts'
import { asField, sqlRows } from './sql-rows.ts'
import { slices } from './sql-slices.ts'
import { split } from './sql-split.ts'
import { countNulls, selectNullKeys, selectRows } from './sql-statement.ts'
import type { Raw, SqlColumn, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

/** Reads any SQL engine: catalogs for facts, one streaming query per reading, keysets for positions. */
export function sqlReader(given: SqlEngine, connection: string): SourceReader {
  const idle = new IdleSessions(given)
  const { engine } = idle
  const known = new Map<string, SqlTable>()
  const source: Source = { engine, connection, known }
  return {
    test: () => inSession(engine, undefined, (it) => it.version()),
    datasets: () =>
      inSession(engine, undefined, async (it) =>
        (await it.tables({ estimates: true })).filter(readable).map(listed),
      ),
    describe: (dataset) => inSession(engine, dataset.from, (it) => describe(it, dataset, source)),
    split: (dataset, want) => inSession(engine, dataset.from, (it) => split(it, dataset, source, want)),
    read: (dataset, range, from, ask) => read(source, dataset, range, from, ask),
    slices: (dataset, range, from, ask) => slices(source, dataset, range, from, ask),
    keys: (dataset, range, ask) => keys(source, dataset, range, ask),
    countNullMarks: (dataset) => inSession(engine, dataset.from, (it) => countNullMarks(it, dataset, source)),
    address: async (dataset) =>
      engine.address(
        known.get(dataset.from) ??
          (await inSession(engine, dataset.from, (it) => look(it, dataset, source))).table,
      ),
    close: () => idle.close(),
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
    yield* batches(rawRows(source, dataset, plan, ask.signal), sqlRows(plan.reading), range, ask)
  } catch (error) {
    ask.signal.throwIfAborted()
    throw source.engine.fault(error, dataset.from)
  }
}

async function* keys(
  source: Source,
  { ref, from, key }: DatasetRequest,
  range: Range,
  ask: KeysAsk,
): AsyncGenerator<Batch> {
  // Without the cursor: a row whose mark is NULL has a key too.
  const dataset = { ref, from, ...(key ? { key } : {}) }
  for await (const batch of read(source, dataset, range, null, { ...ask, fields: [], prefer: ['columns'] })) {
    if (batch.schema.fields.length === 0) throw noKey(dataset)
    yield batch
  }
}

type KeysAsk = Parameters<NonNullable<SourceReader['keys']>>[2]

const noKey = ({ ref, from }: DatasetRequest): ConfigError =>
  new ConfigError('E416', {
    problem: `"${from}" has no primary key, and ${ref} states none.`,
    remedy: 'State key: in the pipeline; rows without one cannot be told apart.',
  })

async function* rawRows(
  source: Source,
  dataset: DatasetRequest,
  { reading, bounds, nullBounds }: Plan,
  signal: AbortSignal,
): AsyncGenerator<Raw[][]> {
  const { engine } = source
  const { what } = reading
  const whole = engine.stream(await selectRows(engine, what, bounds), signal)
  for await (const rows of sameColumns(whole, source, dataset, reading)) {
    reading.lastWhole = rows.at(-1)
    yield rows
  }
  if (!what.key.some((it) => it.nullable)) return
  const nulls = engine.stream(await selectNullKeys(engine, what, nullBounds), signal)
  yield* sameColumns(nulls, source, dataset, reading)
}

/**
 * The rows of a query, once it is sure that they are decoded by the types that they have: a column may have been
 * retyped before the query began. From its first row on the query's own lock holds the table as it is.
 */
async function* sameColumns(
  rows: AsyncIterable<Raw[][]>,
  source: Source,
  dataset: DatasetRequest,
  { what }: Plan['reading'],
): AsyncGenerator<Raw[][]> {
  let isChecked = source.engine.alters !== true
  for await (const some of rows) {
    if (!isChecked) {
      const { columns } = await inSession(source.engine, dataset.from, (it) => look(it, dataset, source))
      const now = new Map(columns.map((it) => [it.name, it]))
      const other = what.columns.find((it) => !isSame(it, now.get(it.name)))
      if (other) throw retyped(other.name, dataset, source)
      isChecked = true
    }
    yield some
  }
}

const isSame = (was: SqlColumn, now: SqlColumn | undefined): boolean =>
  now !== undefined && now.type === was.type && now.sourceType === was.sourceType

const retyped = (name: string, { from }: DatasetRequest, { connection }: Source): SourceError =>
  new SourceError('E409', {
    problem: `"${from}" changed its column "${name}" while it was read.`,
    remedy: `Run again: it goes on as the contract says. See: polder connect discover ${connection} ${from}`,
  })
