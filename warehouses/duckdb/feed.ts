import { BIGINT, type DuckDBDataChunk, type DuckDBInstance, DuckDBTableFunction } from '@duckdb/node-api'
import { type Chunk, putChunk, type Stored } from './vectors.ts'

/** What one statement reads through the function `polder_rows`. */
interface Feed {
  stored: Stored[]
  chunks: Iterator<Chunk>
}

const feeds = new Map<number, Feed>()
let last = 0

/**
 * Gives a statement rows to read: DuckDB's threads ask for a chunk each and do all the rest, while this thread goes on.
 * They wait for it, so nothing may wait for them here without an `await`.
 *
 * @param work  is given a relation with the columns c0, c1, … of `stored`, which can be read once
 */
export async function feeding<T>(
  stored: Stored[],
  chunks: Iterable<Chunk>,
  work: (relation: string) => Promise<T>,
): Promise<T> {
  last += 1
  const number = last
  feeds.set(number, { stored, chunks: chunks[Symbol.iterator]() })
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
  mainFunction: (info, chunk) => {
    const { number } = info.bindData as { number: number }
    fill(chunk, feeds.get(number))
  },
})

/** DuckDB takes no more of them than it has. */
const MOST_THREADS = 8

/** A chunk without rows is the end. */
function fill(chunk: DuckDBDataChunk, feed: Feed | undefined): void {
  const next = feed?.chunks.next()
  if (next === undefined || next.done) chunk.rowCount = 0
  else putChunk(chunk, next.value)
}

/** For all connections of an instance. */
export async function registerFeed(instance: DuckDBInstance): Promise<void> {
  const connection = await instance.connect()
  connection.registerTableFunction(rows)
  connection.closeSync()
}
