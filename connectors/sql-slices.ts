import type { Checkpoint, DatasetRequest, Position, Range, SourceReader } from '../sdk/index.ts'
import { inSession, type Source } from './sql-look.ts'
import { planReading } from './sql-plan.ts'
import { markText } from './sql-rows.ts'
import { type Bounds, selectPlace } from './sql-statement.ts'
import type { Raw, SqlSession } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>
type SlicesAsk = Parameters<NonNullable<SourceReader['slices']>>[3]

/** Steps through the rows of a reading, from end to end of its slices: see `SourceReader.slices`. */
export async function* slices(
  source: Source,
  dataset: DatasetRequest,
  range: Range,
  from: Checkpoint | null,
  { rows, signal }: SlicesAsk,
): AsyncGenerator<Checkpoint> {
  const { reading, bounds } = await planReading(source, dataset, range, from, {
    fields: [],
    maxRows: rows,
    maxBytes: 0,
    signal,
    prefer: [],
  })
  const { table, key, mark } = reading.what
  const place = async (
    session: SqlSession,
    within: Bounds,
    at: { step: number } | 'last',
  ): Promise<Keyset | undefined> => {
    const what = { table, key, ...(mark && { mark }) }
    const [row] = await session.rows(await selectPlace(source.engine, what, within, at))
    return row && keysetOf(row)
  }
  const keysetOf = (row: Raw[]): Keyset => {
    const [marked, keys] = mark ? [row[0]!, row.slice(1)] : [undefined, row]
    return {
      kind: 'keyset',
      mark: mark ? markText(mark.decode(marked!)) : null,
      key: key.map((it, i) => it.keyText(keys[i]!)),
      inclusive: false,
    }
  }
  const step = async (session: SqlSession, from: Keyset | undefined, to: Keyset): Promise<Keyset> =>
    (await place(session, { ...(from && { from }), to }, { step: rows })) ?? to
  // The last is fixed before the first: rows that change all the time would put the end off for ever. Both in one
  // session, since the first slice waits for them.
  signal.throwIfAborted()
  const ends = await inSession(source.engine, dataset.from, async (session) => {
    const last = await place(session, bounds, 'last')
    return last && { last, end: await step(session, bounds.from, last) }
  })
  if (!ends) return
  const { last } = ends
  for (let { end } = ends; ; ) {
    yield { v: 1, position: end, ...reading.clock }
    if (isSame(end, last)) return
    signal.throwIfAborted()
    const at = end
    end = await inSession(source.engine, dataset.from, (session) => step(session, at, last))
  }
}

const isSame = (a: Keyset, b: Keyset): boolean => a.mark === b.mark && a.key.every((it, i) => it === b.key[i])
