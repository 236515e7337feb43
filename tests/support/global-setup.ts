import { rmSync } from 'node:fs'
import { serverBinaries } from './binaries.ts'
import { giveExtensions } from './extensions.ts'
import { claimFolder, clearLeftovers } from './leftovers.ts'
import { startMariadb } from './mariadb-server.ts'
import { startPostgres } from './postgres-server.ts'
import type { TestServer } from './server-process.ts'

/**
 * Gives every test a PostgreSQL and a MariaDB: the servers named by POLDER_TEST_POSTGRES_URL and
 * POLDER_TEST_MYSQL_URL, else throw-away servers that end with the run. No database is ever left out silently. DuckDB's
 * extensions are fetched where that can be done.
 */
export default async function setup(): Promise<() => Promise<void>> {
  await giveExtensions(say)
  const wantPostgres = process.env.POLDER_TEST_POSTGRES_URL === undefined
  const wantMysql = process.env.POLDER_TEST_MYSQL_URL === undefined
  if (!wantPostgres && !wantMysql) return async () => {}

  clearLeftovers()
  const binaries = serverBinaries(say)
  const root = claimFolder()
  const started: TestServer[] = []
  const stop = async () => {
    await Promise.all(started.map((it) => it.stop()))
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
  try {
    if (wantPostgres) {
      started.push(await startPostgres(binaries.postgres, root))
      process.env.POLDER_TEST_POSTGRES_URL = started.at(-1)!.url
    }
    if (wantMysql) {
      started.push(await startMariadb(binaries, root))
      process.env.POLDER_TEST_MYSQL_URL = started.at(-1)!.url
    }
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
