import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** Rows, their long texts, and what updates wrote of them. */
const HELD =
  'select coalesce(sum(memory_usage_bytes), 0)::double as bytes from duckdb_memory() ' +
  `where tag in ('IN_MEMORY_TABLE', 'OVERFLOW_STRINGS', 'ALLOCATOR')`

/** Shares of the memory limit: less is left alone, and so is what has not grown by as much. */
const WORTH_IT = 3 / 8
const GROWN = 1 / 4

/**
 * Committed rows stay in memory, a piece for each column and of a kind that DuckDB never moves to disk, until a
 * checkpoint. It makes one when its log has grown: few rows in each of thousands of columns fill the memory long before.
 */
export class Relief {
  private readonly instance: DuckDBInstance
  private readonly memory: number
  private connection?: DuckDBConnection
  /** What a checkpoint leaves: temporary tables. */
  private kept = 0

  /** @param memory  bytes that DuckDB may use */
  constructor(instance: DuckDBInstance, memory: number) {
    this.instance = instance
    this.memory = memory
  }

  /** Behind every writing transaction, while no other can begin. Its outcome is known: no error may change it. */
  async after(): Promise<void> {
    try {
      if (!(await this.isDue())) return
      await this.connection!.run('checkpoint')
      this.kept = await this.held()
    } catch {
      // Somebody reads, or the disk is full: whoever writes next is told.
    }
  }

  private async isDue(): Promise<boolean> {
    const held = await this.held()
    this.kept = Math.min(this.kept, held)
    return held >= this.memory * WORTH_IT && held - this.kept >= this.memory * GROWN
  }

  close(): void {
    this.connection?.closeSync()
    this.connection = undefined
  }

  private async held(): Promise<number> {
    this.connection ??= await this.instance.connect()
    const [row] = (await this.connection.runAndReadAll(HELD)).getRows()
    return Number(row![0])
  }
}
