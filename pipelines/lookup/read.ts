import type { Batch } from '../../core/batch.ts'
import type { ReadAsk, SourceReader } from '../../core/connector.ts'
import { DataError } from '../../core/errors.ts'
import { plural } from '../../core/text.ts'
import type { PreparedLookup } from './prepare.ts'
import { CROWDED, type LookupRoom } from './room.ts'
import { LookupBuilder, type LookupTable } from './table.ts'

export interface LookupReading {
  reader: SourceReader
  room: LookupRoom
  /** For whom room is taken; who asked gives it back. */
  holder: object
  /** Ends early, without an error, when the user stops the run. */
  signal: AbortSignal
  pull(
    open: (ask: Pick<ReadAsk, 'maxRows' | 'maxBytes' | 'signal'>) => AsyncIterable<Batch>,
  ): AsyncIterable<Batch>
}

/**
 * Reads all looked-up tables of a dataset into memory, before its own reading begins.
 * @returns undefined where the signal stopped it
 * @throws {DataError} E730 a key is not unique, E731 too much, E732 broken rows; what the source throws
 */
export async function readLookups(
  lookups: PreparedLookup[],
  reading: LookupReading,
): Promise<LookupTable[] | undefined> {
  const { room, holder, signal } = reading
  for (;;) {
    const tables = await readAll(lookups, reading).catch((error: unknown) => {
      room.give(holder)
      throw error
    })
    if (tables !== CROWDED) return tables
    // Other datasets hold what is missing: all is given back, so that two of them never wait for each other.
    room.give(holder)
    await room.given(holder, signal)
    if (signal.aborted) return undefined
  }
}

async function readAll(
  lookups: PreparedLookup[],
  reading: LookupReading,
): Promise<LookupTable[] | typeof CROWDED | undefined> {
  const tables: LookupTable[] = []
  for (const it of lookups) {
    const table = await readOne(it, reading)
    if (table === undefined || table === CROWDED) return table
    tables.push(table)
  }
  return tables
}

async function readOne(lookup: PreparedLookup, reading: LookupReading) {
  const { reader, room, holder, signal } = reading
  const { request, fields, key } = lookup
  const wanted = fields.includes('*') ? ['*'] : [...new Set([...key, ...fields])]
  const builder = new LookupBuilder(lookup)
  let rows = 0
  const batches = reading.pull((ask) =>
    reader.read(request, { id: '0' }, null, { ...ask, fields: wanted, prefer: ['columns'] }),
  )
  for await (const batch of batches) {
    const columns = batch.payload.form === 'columns' ? batch.payload.columns : reader.decode!(batch)
    rows += batch.rows
    if (room.take(holder, builder.add(batch, columns))) continue
    if (!room.isAlone(holder)) return CROWDED
    throw tooLarge(lookup, rows)
  }
  return signal.aborted ? undefined : builder.finish()
}

const tooLarge = ({ name, dataset, request }: PreparedLookup, rows: number): DataError =>
  new DataError('E731', {
    problem: `The look-ups of "${dataset}" do not fit into memory: "${name}" was cut off after ${plural(rows, 'row')} of "${request.from}".`,
    remedy: 'Join the tables in a view at the source, and read that with from:.',
  })
