import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import {
  freePort,
  ownFolder,
  type ServerWishes,
  serverUser,
  startServer,
  type TestServer,
} from './server-process.ts'
import { onDisk } from './small-disk.ts'

const USER = 'polder'
/** No word that output has otherwise: what is a password is masked wherever it stands. */
const PASSWORD = 'throw-away-7391'

/** Safe to lose where no test stops the server to see what it keeps. */
const FAST = ['--innodb-doublewrite=0', '--skip-log-bin']
const LOSSY = ['--innodb-flush-log-at-trx-commit=0']
const SETTINGS = [
  ...FAST,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  // Newer ones make themselves a certificate.
  '--skip-ssl',
  '--local-infile=1',
  '--character-set-server=utf8mb4',
  '--innodb-buffer-pool-size=256M',
  '--max-connections=200',
]

/** A throw-away MariaDB in a folder of its own under `root`; the URL's user has all rights. */
export async function startMariadb(
  binaries: { mariadbd: string; mariadbInstallDb: string },
  root: string,
  { durable = false, freeMegabytes, words: more = [] }: ServerWishes = {},
): Promise<TestServer> {
  const user = serverUser('mysql')
  const home = ownFolder(join(root, 'mariadb'), user)
  const data = join(home, 'data')
  // No default files: this machine's own settings must not decide what a test sees.
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal']
  const small = freeMegabytes === undefined ? [] : ['--innodb-log-file-size=8M']
  execFileSync(binaries.mariadbInstallDb, [...install, ...small, '--skip-test-db'], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  })

  const port = await freePort()
  const url = `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/mysql`
  // In a shared folder a starting server deletes the temporary tables of the others.
  const disk = freeMegabytes === undefined ? data : ownFolder(join(home, 'disk'), user)
  const files = [
    `--datadir=${disk}`,
    `--tmpdir=${home}`,
    `--socket=${join(home, 'socket')}`,
    `--pid-file=${join(home, 'pid')}`,
  ]
  const words = [
    binaries.mariadbd,
    '--no-defaults',
    ...files,
    ...small,
    `--port=${port}`,
    `--init-file=${grants(home)}`,
    ...SETTINGS,
    ...more,
  ]
  if (!durable) words.push(...LOSSY)
  const { command, words: rest, as } = onDisk({ data, disk, user, freeMegabytes }, words)
  const server = await startServer(command, rest, {
    user: as,
    logFile: join(home, 'log'),
    stopSignal: 'SIGTERM',
    answers: () => answers(url),
  })
  return { url, disk, ...server }
}

function grants(home: string): string {
  const file = join(home, 'grants.sql')
  const account = `'${USER}'@'%'`
  const sql = `create user ${account} identified by '${PASSWORD}';\ngrant all on *.* to ${account} with grant option;\n`
  writeFileSync(file, sql, { mode: 0o644 })
  return file
}

async function answers(url: string): Promise<void> {
  const connection = await createConnection(url)
  await connection.end()
}
