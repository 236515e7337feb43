import { setTimeout as sleep } from 'node:timers/promises'
import type { TestDatabase } from './databases.ts'

/** Longer than a look takes, also where much else goes on. */
const SECONDS = 3

/** Works while a statement that names a mark runs at a MySQL server, as its connector leaves one. */
export async function heldByStatement<T>(
  source: TestDatabase,
  look: (mark: bigint) => Promise<T>,
): Promise<T> {
  const mark = BigInt(Date.now())
  const waiting = source.query(`select 'polder ${mark}', sleep(${SECONDS})`)
  try {
    while (!(await isRunning(source, mark))) await sleep(20)
    return await look(mark)
  } finally {
    await waiting
  }
}

async function isRunning(source: TestDatabase, mark: bigint): Promise<boolean> {
  const found = await source.query(
    `select 1 from information_schema.processlist where info like 'select ''polder ${mark}''%'`,
  )
  return found.length > 0
}
