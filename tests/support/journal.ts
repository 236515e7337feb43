import {
  batches,
  type Checkpoint,
  ConfigError,
  type DatasetFacts,
  type DatasetRequest,
  defineConnector,
  Op,
  type Position,
  type SourceReader,
} from '../../sdk/index.ts'

interface Entry {
  id: number
  name: string | null
  seq: number
  gone: boolean
}

/** A source that numbers its changes and remembers what was deleted; what a connector for such a one looks like. */
export class Journal {
  private readonly entries = new Map<number, Entry>()
  private last = 0

  put(id: number, name: string): void {
    this.entries.set(id, { id, name, seq: ++this.last, gone: false })
  }

  remove(id: number): void {
    this.entries.set(id, { id, name: null, seq: ++this.last, gone: true })
  }

  rows(): Entry[] {
    return [...this.entries.values()]
  }

  connector() {
    return defineConnector({
      name: 'journal',
      title: 'A journal',
      options: {},
      open: () => readerOf(this),
    })
  }
}

const CLOCK = '2026-01-01T00:00:00.000000Z'

const FACTS: DatasetFacts = {
  from: 'people',
  schema: {
    fields: [
      { name: 'id', type: 'integer', sourceType: 'number', nullable: false },
      { name: 'name', type: 'text', sourceType: 'text', nullable: true },
      { name: 'seq', type: 'integer', sourceType: 'number', nullable: false },
    ],
  },
  key: ['id'],
  keyProven: true,
  tellsDeletes: true,
  kind: 'endpoint',
}

function readerOf(journal: Journal): SourceReader {
  return {
    test: async () => 'a journal',
    datasets: async () => ['people', 'nothing'].map((from) => ({ from, kind: 'endpoint' as const })),
    describe: async (dataset) => factsOf(dataset),
    async split({ from }) {
      const highest = from === 'nothing' ? 0 : journal.rows().reduce((most, it) => Math.max(most, it.seq), 0)
      const position = { kind: 'keyset' as const, mark: null, key: [], inclusive: false }
      const highWater: Checkpoint = {
        v: 1,
        position,
        highWater: highest === 0 ? undefined : String(highest),
        readStartedAt: CLOCK,
      }
      return { highWater, ranges: [{ id: '0' }] }
    },
    async *read(dataset, range, from, ask) {
      const { schema } = factsOf(dataset)
      ask.signal.throwIfAborted()
      const start = from?.position ?? range.from
      const byMark = start?.kind === 'keyset' && start.mark !== null
      const fields = schema.fields.filter(
        ({ name }) =>
          ask.fields.includes('*') ||
          ask.fields.includes(name) ||
          name === 'id' ||
          (byMark && name === 'seq'),
      )
      const rows = selected(journal, dataset, start, byMark)
      const told = {
        size: () => 24,
        excerpt: (row: Entry) => ({ row: { id: row.id } }),
        decode: (some: Entry[]) => ({
          schema: { fields },
          columns: fields.map(({ name }) => some.map((it) => it[name as 'id' | 'name' | 'seq'])),
          mark: some.map((it) => it.seq),
          ops: Uint8Array.from(some, (it) => (it.gone ? Op.delete : Op.upsert)),
        }),
        samePlace: () => false,
        checkpoint: ({ id, seq }: Entry): Checkpoint => ({
          v: 1,
          position: {
            kind: 'keyset',
            mark: byMark ? String(seq) : null,
            key: [String(id)],
            inclusive: false,
          },
          readStartedAt: from?.readStartedAt ?? CLOCK,
        }),
      }
      yield* batches(chunk(rows), told, range, ask)
    },
    close: async () => {},
  }
}

async function* chunk(rows: Entry[]): AsyncGenerator<Entry[]> {
  yield rows
}

function factsOf({ from }: DatasetRequest): DatasetFacts {
  if (from === 'people' || from === 'nothing') return { ...FACTS, from }
  throw new ConfigError('E404', { problem: `There is no "${from}".`, remedy: 'Did you mean "people"?' })
}

/** By mark those changed since, deleted ones where they are asked for; else all there are, by key. */
function selected(
  journal: Journal,
  dataset: DatasetRequest,
  start: Position | undefined,
  byMark: boolean,
): Entry[] {
  const at = start?.kind === 'keyset' ? start : undefined
  const live = (dataset.from === 'nothing' ? [] : journal.rows()).filter(
    (it) => !it.gone || (byMark && dataset.deletes === 'source'),
  )
  const order = (it: Entry) => (byMark ? it.seq : it.id)
  const after = byMark
    ? Number(at!.mark)
    : at && at.key.length > 0
      ? Number(at.key[0])
      : Number.NEGATIVE_INFINITY
  return live
    .filter((it) => order(it) > after || (at?.inclusive === true && order(it) === after))
    .sort((a, b) => order(a) - order(b))
}
