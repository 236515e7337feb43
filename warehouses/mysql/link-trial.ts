import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { revealed } from '../ledger.ts'
import { elsewhere, hint, none, serverName } from '../links.ts'
import { literal, maxNameBytes, quote } from './dialect.ts'
import { serverSteps } from './link-steps.ts'

/**
 * Reads the other server's list of statements through a link of its own, which is dropped again: what would fail in a run
 * is told before it, and a server that is another one of the same name is found out.
 */
export async function tried(
  connection: Connection,
  address: ServerAddress,
  { connection: name, dataset }: ReachAsk,
  internal: string,
): Promise<Reached | undefined> {
  const server = serverName(`trial_${name}`, [internal, dataset])
  const table = `${quote(internal)}.${quote(server.slice(0, maxNameBytes))}`
  const drops = [`drop table if exists ${table}`, `drop server if exists ${quote(server)}`]
  const lock = `polder trial ${server.slice(-12)}`
  await connection.query('select get_lock(?, 60) as held', [lock])
  try {
    return await address.withMark(async (mark) => {
      await connection.run(drops[0]!)
      for (const step of serverSteps(server, address, 'information_schema'))
        await connection.run(revealed(step, { literal }))
      await connection.run(
        `create table ${table} (\`INFO\` longtext) engine = FEDERATED default character set utf8mb4 ` +
          `connection = ${literal(`${server}/PROCESSLIST`)}`,
      )
      const rows = await connection.query(`select \`INFO\` as info from ${table}`)
      const isSource = rows.some(({ info }) => String(info).includes(`'polder ${mark}'`))
      return isSource ? undefined : elsewhere(address)
    })
  } catch (error) {
    const { errno } = error as { errno?: number }
    if (errno === undefined || !LINK_ERRORS.has(errno)) throw error
    // Its own message is cut before the cause.
    return none(
      `the warehouse's server cannot connect to ${address.host}:${address.port}, or is refused there (server error ${errno})`,
      hint(address) ?? "try host, port, account and password of the connection from the warehouse's machine",
    )
  } finally {
    for (const drop of drops) await connection.run(drop).catch(() => {})
    await connection.query('select release_lock(?) as free', [lock]).catch(() => {})
  }
}

/** What FEDERATED says of the other server: cannot connect, query failed, no such table, cannot create. */
const LINK_ERRORS: ReadonlySet<number> = new Set([
  1158, 1159, 1160, 1161, 1429, 1430, 1431, 1432, 1433, 1434, 10000,
])
