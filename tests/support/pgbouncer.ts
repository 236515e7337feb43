import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program } from './binaries.ts'
import { postgresQuery } from './databases.ts'
import { freePort, ownFolder, serverUser, startServer, type TestServer } from './server-process.ts'

/**
 * PgBouncer of this machine; undefined, and said, where there is none.
 * @param what  is skipped then
 */
export function pgbouncer(what: string): string | undefined {
  const found = program('pgbouncer')
  if (found === undefined)
    console.warn(`SKIPPED: ${what}. There is no pgbouncer (Debian: apt-get install pgbouncer).`)
  return found
}

/** A throw-away pooler before the server of a URL, whose user needs no password. */
export async function startPgbouncer(
  command: string,
  root: string,
  server: string,
  settings: Record<string, string>,
): Promise<TestServer> {
  const user = serverUser('postgres')
  const port = await freePort()
  const home = ownFolder(join(root, `pgbouncer-${port}`), user)
  const { hostname, port: behind, username } = new URL(server)
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(home, 'users'),
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`)
  const files = {
    users: `"${username}" ""\n`,
    ini: `[databases]\n* = host=${hostname} port=${behind}\n[pgbouncer]\n${lines.join('')}`,
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(home, name), text)
    if (user.uid !== undefined) chownSync(join(home, name), user.uid, user.gid!)
  }
  const url = server.replace(`:${behind}/`, `:${port}/`)
  const started = await startServer(command, [join(home, 'ini')], {
    user,
    logFile: join(home, 'log'),
    // SIGINT would wait for its clients.
    stopSignal: 'SIGTERM',
    answers: () => postgresQuery(url, 'select 1 as one'),
  })
  return { url, disk: home, ...started }
}
