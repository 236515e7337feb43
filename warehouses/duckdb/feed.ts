import { BIGINT, type DuckDBInstance, DuckDBTableFunction } from '@duckdb/node-api'
import { type Chunk, putChunk, type Stored } from './vectors.ts'

/** Rows that DuckDB keeps, and compresses, together. */
export const ROW_GROUP = 122_880

/** What one statement reads through the function `polder_rows`. */
interface Feed {
  stored: Stored[]
  /** Those that no thread has begun. */
  groups: Iterable<Chunk>[]
}

/** The group that one thread of a statement reads. */
interface Reading {
  chunks?: Iterator<Chunk>
}

const feeds = new Map<number, Feed>()
let last = 0

/**
 * Gives a statement rows to read: DuckDB's threads ask for a chunk each and do all the rest, while this thread goes on.
 * They wait for it, so nothing may wait for them here without an `await`.
 *
 * @param groups  each is read by one thread, which writes it at once where it is a whole row group; rows of fewer are copied
 *   once more, and compressed in the commit, by one thread for all
 * @param work  is given a relation with the columns c0, c1, … of `stored`, which can be read once
 */
export async function feeding<T>(
  stored: Stored[],
  groups: Iterable<Chunk>[],
  work: (relation: string) => Promise<T>,
): Promise<T> {
  last += 1
  const number = last
  feeds.set(number, { stored, groups: [...groups] })
  try {
    return await work(`polder_rows(${number})`)
  } finally {
    feeds.delete(number)
  }
}

const rows = DuckDBTableFunction.create({
  name: 'polder_rows',
  parameterTypes: [BIGINT],
  bindFunction: (info) => {
    const number = Number(info.getParameter(0))
    const feed = feeds.get(number)
    if (feed === undefined) return info.setError('polder_rows gives rows to Polder only.')
    for (const [i, { type }] of feed.stored.entries()) info.addResultColumn(`c${i}`, type)
    info.setBindData({ number })
  },
  initFunction: (info) => info.setMaxThreads(MOST_THREADS),
  localInitFunction: (info) => info.setInitData({} satisfies Reading),
  mainFunction: (info, chunk) => {
    const { number } = info.bindData as { number: number }
    const next = nextChunk(info.localInitData as Reading, feeds.get(number))
    // A chunk without rows is the end.
    if (next === undefined) chunk.rowCount = 0
    else putChunk(chunk, next)
  },
})

/** DuckDB takes no more of them than it has. */
const MOST_THREADS = 8

function nextChunk(reading: Reading, feed: Feed | undefined): Chunk | undefined {
  for (;;) {
    reading.chunks ??= feed?.groups.shift()?.[Symbol.iterator]()
    if (feed === undefined || reading.chunks === undefined) return undefined
    const next = reading.chunks.next()
    if (!next.done) return next.value
    reading.chunks = undefined
  }
}

/** Chunks by row groups, none of them without rows. */
export function rowGroups(chunks: Iterable<Chunk>): Chunk[][] {
  const groups: Chunk[][] = []
  let free = 0
  for (const chunk of chunks) {
    if (chunk.rows === 0) continue
    if (free <= 0) {
      groups.push([])
      free = ROW_GROUP
    }
    groups.at(-1)!.push(chunk)
    free -= chunk.rows
  }
  return groups
}

/** For all connections of an instance. */
export async function registerFeed(instance: DuckDBInstance): Promise<void> {
  const connection = await instance.connect()
  connection.registerTableFunction(rows)
  connection.closeSync()
}
