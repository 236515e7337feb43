import type { DuckDBDataChunk } from '@duckdb/node-api'
import { TransientError } from '../sdk/index.ts'

/**
 * The chunks of a streamed result. An engine short of memory ends some results early without an error (1.5.5: seen once in
 * six sorts, with no row at all), so the rows are counted before, in the same snapshot.
 *
 * @throws {TransientError} E410 it ended before its last row
 */
export async function* allChunks(
  result: { fetchChunk(): Promise<DuckDBDataChunk | null> },
  expected: number,
): AsyncGenerator<DuckDBDataChunk> {
  let rows = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) break
    rows += chunk.rowCount
    yield chunk
  }
  if (rows === expected) return
  throw new TransientError('E410', {
    problem: `DuckDB ended the query after ${rows} of ${expected} rows, and gave no error.`,
    remedy: 'It was short of memory: read fewer columns at once, or make the rows smaller.',
  })
}
