import type { DatasetSpec } from '../../core/spec.ts'
import type { PreparedLookup } from '../lookup/prepare.ts'
import { readLookups } from '../lookup/read.ts'
import { LookupRoom } from '../lookup/room.ts'
import type { LookupTable } from '../lookup/table.ts'
import type { Sources } from '../plan/sources.ts'

const MAX_ROWS = 10_000
const MAX_BYTES = 4_000_000

/** The looked-up tables, whole, for a look at some rows. */
export async function lookupsFor(
  dataset: DatasetSpec,
  lookups: PreparedLookup[],
  sources: Sources,
  signal: AbortSignal = new AbortController().signal,
): Promise<LookupTable[]> {
  const tables = await readLookups(lookups, {
    reader: sources.reader(dataset.connection),
    room: new LookupRoom(),
    holder: lookups,
    signal,
    pull: (open) => open({ maxRows: MAX_ROWS, maxBytes: MAX_BYTES, signal }),
  })
  signal.throwIfAborted()
  return tables!
}
