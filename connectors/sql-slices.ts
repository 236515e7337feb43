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
  const place = async (within: Bounds, at: { step: number } | 'last'): Promise<Keyset | undefined> => {
    const find = async (session: SqlSession) =>
      session.rows(await selectPlace(source.engine, { table, key, ...(mark && { mark }) }, within, at))
    const [row] = await inSession(source.engine, dataset.from, find)
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
  // Fixed before the first: rows that change all the time would put the end off for ever.
  const last = await place(bounds, 'last')
  for (let at = bounds.from, end = last; last; at = end) {
    signal.throwIfAborted()
    end = (await place({ ...(at && { from: at }), to: last }, { step: rows })) ?? last
    yield { v: 1, position: end, ...reading.clock }
    if (isSame(end, last)) return
  }
}

const isSame = (a: Keyset, b: Keyset): boolean => a.mark === b.mark && a.key.every((it, i) => it === b.key[i])
