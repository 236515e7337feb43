import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import {
  freePort,
  ownFolder,
  type ServerWishes,
  serverUser,
  startServer,
  type TestServer,
} from './server-process.ts'
import { onDisk } from './small-disk.ts'

const SUPERUSER = 'polder'

/** Safe to lose where no test stops the server to see what it keeps; a process that dies takes no page with it. */
const FAST = ['fsync=off', 'full_page_writes=off']
const LOSSY = ['synchronous_commit=off']
const SETTINGS = [
  ...FAST,
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'log_statement=none',
  'timezone=UTC',
]

/** A throw-away PostgreSQL in a folder of its own under `root`; the URL's user is a superuser. */
export async function startPostgres(
  binaries: string,
  root: string,
  { durable = false, freeMegabytes, words: more = [] }: ServerWishes = {},
): Promise<TestServer> {
  const user = serverUser('postgres')
  const home = ownFolder(join(root, 'postgres'), user)
  const data = join(home, 'data')
  // On a small disk lies what grows; a log that cannot be written ends the server at once.
  const log = freeMegabytes === undefined ? [] : ['-X', join(home, 'wal')]
  const initdb = [
    '-D',
    data,
    ...log,
    '-U',
    SUPERUSER,
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]
  execFileSync(join(binaries, 'initdb'), initdb, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })

  const port = await freePort()
  const url = `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`
  const disk = freeMegabytes === undefined ? data : ownFolder(join(home, 'disk'), user)
  const settings = [...SETTINGS, ...(durable ? [] : LOSSY)].flatMap((it) => ['-c', it])
  const words = [join(binaries, 'postgres'), '-D', disk, '-p', String(port), ...settings, ...more]
  const { command, words: rest, as } = onDisk({ data, disk, user, freeMegabytes }, words)
  const server = await startServer(command, rest, {
    user: as,
    logFile: join(home, 'log'),
    // SIGTERM would wait for the clients to leave.
    stopSignal: 'SIGINT',
    answers: () => answers(url),
  })
  return { url, disk, ...server }
}

/** A hot standby that replays what `primary` writes. */
export async function startStandby(binaries: string, root: string, primary: TestServer): Promise<TestServer> {
  const user = serverUser('postgres')
  const home = ownFolder(join(root, 'standby'), user)
  const disk = join(home, 'data')
  const words = ['-D', disk, '-d', primary.url, '--write-recovery-conf', '--checkpoint=fast', '--no-sync']
  // A link to a server program has its neighbours where it leads.
  const beside = dirname(realpathSync(join(binaries, 'postgres')))
  execFileSync(join(beside, 'pg_basebackup'), words, {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const port = await freePort()
  const url = primary.url.replace(/:\d+\//, `:${port}/`)
  const settings = SETTINGS.flatMap((it) => ['-c', it])
  const server = await startServer(
    join(binaries, 'postgres'),
    ['-D', disk, '-p', String(port), ...settings],
    {
      user,
      logFile: join(home, 'log'),
      stopSignal: 'SIGINT',
      answers: () => answers(url),
    },
  )
  return { url, disk, ...server }
}

async function answers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.end()
}
