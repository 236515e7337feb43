import { DuckDBInstance } from '@duckdb/node-api'

/** Runs statements on a file, which is made where there is none. */
export async function makeFile(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    await connection.run(sql)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
