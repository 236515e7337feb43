import { earlier as smaller } from '../core/instant.ts'
import { canonicalDecimal } from '../core/number.ts'
import type { Checkpoint, DatasetRequest, Range, SplitWant } from '../sdk/index.ts'
import { look, type Source } from './sql-look.ts'
import { keyRanges } from './sql-ranges.ts'
import { markText } from './sql-rows.ts'
import { type Settled, settle } from './sql-settle.ts'
import { selectHighest } from './sql-statement.ts'
import type { SqlColumn, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

/** The ranges of a dataset, and up to where its marks are safe. */
export async function split(
  session: SqlSession,
  dataset: DatasetRequest,
  source: Source,
  want: SplitWant,
): Promise<{ highWater: Checkpoint; ranges: Range[] }> {
  const looked = await look(session, dataset, source)
  const { table, mark } = looked
  // The clock first: a mark set after it is read again.
  const now = await session.now()
  const clock = mark && (await clockOf(session, mark, now, source.engine))
  const highest = mark && (await highestMark(session, source.engine, { table, mark, clock: clock?.now }))
  const start = mark && (await session.oldestStart())
  const safe = mark ? await safeMark(session, source.engine, { mark, highest, clock, start }, want) : {}
  const highWater: Checkpoint = {
    v: 1,
    position: { kind: 'keyset', mark: null, key: [], inclusive: false },
    ...(safe.mark === undefined ? {} : { highWater: safe.mark }),
    ...(safe.settling ? { settling: safe.settling } : {}),
    readStartedAt: start ? smaller(start, now) : now,
  }
  const { engine, connection } = source
  const ranges = await keyRanges(session, { engine, looked, dataset, connection, want })
  return { highWater, ranges }
}

/** The source's clock, spelt as the marks are. */
interface Clock {
  now: string
  /** An instant on the same clock. */
  at(instant: string): string
}

/** @returns undefined for numbers, which have no clock */
async function clockOf(
  session: SqlSession,
  { type }: SqlColumn,
  now: string,
  { timezone }: SqlEngine,
): Promise<Clock | undefined> {
  if (type === 'timestamp') return { now, at: (instant) => instant }
  if (type !== 'datetime' && type !== 'date') return undefined
  const spelt = (local: string) => (type === 'date' ? local.slice(0, 10) : local)
  const { Temporal } = await import('temporal-polyfill')
  const utc = (text: string) => Temporal.Instant.from(text).toZonedDateTimeISO('UTC').toPlainDateTime()
  if (timezone !== undefined) {
    const inZone = (instant: string) =>
      Temporal.Instant.from(instant).toZonedDateTimeISO(timezone).toPlainDateTime()
    const at = (instant: string) => spelt(inZone(instant).toString({ fractionalSecondDigits: 6 }))
    return { now: at(now), at }
  }
  const local = await session.localNow()
  const away = utc(now).until(Temporal.PlainDateTime.from(local)).round('minute')
  const at = (instant: string) => spelt(utc(instant).add(away).toString({ fractionalSecondDigits: 6 }))
  return { now: spelt(local), at }
}

interface Highest {
  table: SqlTable
  mark: SqlColumn
  /** Larger marks lie in the future. */
  clock: string | undefined
}

async function highestMark(
  session: SqlSession,
  engine: SqlEngine,
  { table, mark, clock }: Highest,
): Promise<string | undefined> {
  const raw = (await session.rows(await selectHighest(engine, table, mark, clock)))[0]?.[0]
  if (raw === null || raw === undefined) return undefined
  const text = markText(mark.decode(raw))
  return isMark(text, clock !== undefined) ? text : undefined
}

const DAY = /^(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d($|T)/

/** False for what has no place in the order of marks: a zero date, NaN. */
const isMark = (text: string, isTime: boolean): boolean =>
  isTime ? DAY.test(text) : canonicalDecimal(text) !== undefined

interface Seen {
  mark: SqlColumn
  highest: string | undefined
  clock: Clock | undefined
  /** Start of the oldest open transaction, as `SqlSession.oldestStart` tells it. */
  start: string | null | undefined
}

async function safeMark(
  session: SqlSession,
  engine: SqlEngine,
  { mark, highest, clock, start }: Seen,
  { earlier }: SplitWant,
): Promise<Settled> {
  // An open transaction sets no instant before its own start: nothing is to be waited for.
  if (mark.type === 'timestamp' && start !== undefined) return bounded({ mark: highest }, start)
  const settled = await settle(session, highest, earlier, engine.settleMs)
  if (!clock) return settled
  // Without any safe mark a time is still read again from a while before it, which a number cannot be.
  return bounded({ ...settled, mark: settled.mark ?? highest }, start ? clock.at(start) : null)
}

const bounded = ({ mark, settling }: Settled, limit: string | null): Settled => ({
  ...(mark === undefined ? {} : { mark: limit === null ? mark : smaller(mark, limit) }),
  ...(settling ? { settling } : {}),
})
