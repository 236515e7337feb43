import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian keeps PostgreSQL's server programs, which it leaves out of PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql'
const POLICY = '/usr/sbin/policy-rc.d'

export interface ServerBinaries {
  /** Folder of `postgres` and `initdb`. */
  postgres: string
  mariadbd: string
  mariadbInstallDb: string
}

/**
 * The database servers of this machine; installs them where that can be done without asking (root on Debian).
 * @throws {Error} naming what to install
 */
export function serverBinaries(say: (line: string) => void): ServerBinaries {
  if (missing().length > 0 && canInstall()) install(say)
  const absent = missing()
  if (absent.length > 0) {
    throw new Error(
      `The tests need ${absent.join(' and ')}, which this machine does not have. ` +
        'Install them (Debian: apt-get install postgresql mariadb-server; Homebrew: brew install postgresql mariadb), ' +
        'or set POLDER_TEST_POSTGRES_URL and POLDER_TEST_MYSQL_URL to servers that the tests may use.',
    )
  }
  return { postgres: postgresFolder()!, mariadbd: mariadbd()!, mariadbInstallDb: mariadbInstallDb()! }
}

/** The program's full path, from PATH and the places where Debian keeps server programs. */
export function program(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  for (const name of names) {
    const folder = folders.find((it) => it !== '' && runs(join(it, name)))
    if (folder !== undefined) return join(folder, name)
  }
  return undefined
}

function missing(): string[] {
  return [
    postgresFolder() === undefined ? 'PostgreSQL (initdb, postgres, psql)' : '',
    mariadbd() === undefined || mariadbInstallDb() === undefined
      ? 'MariaDB (mariadbd, mariadb-install-db, mariadb)'
      : '',
  ].filter((it) => it !== '')
}

const mariadbd = () => program('mariadbd', 'mysqld')
const mariadbInstallDb = () => program('mariadb-install-db', 'mysql_install_db')

function postgresFolder(): string | undefined {
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : []
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a))
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...newestFirst.map((it) => join(DEBIAN_POSTGRES, it, 'bin')),
  ]
  return folders.find((it) => it !== '' && runs(join(it, 'initdb')) && runs(join(it, 'postgres')))
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const canInstall = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version')

/** Debian starts a server as soon as it is installed; a policy that says no keeps it still (policy-rc.d, code 101). */
function install(say: (line: string) => void): void {
  say(`${missing().join(' and ')}: not here; installing with apt-get (this takes a few minutes)`)
  const ours = !existsSync(POLICY)
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'postgresql', 'mariadb-server')
    extras(say)
  } finally {
    if (ours) unlinkSync(POLICY)
  }
}

/** For tests that are skipped without them: engines of MariaDB, for links, and a pooler. */
function extras(say: (line: string) => void): void {
  for (const some of [['mariadb-plugin-connect', 'mariadb-plugin-spider'], ['pgbouncer']])
    try {
      apt('install', '-y', '--no-install-recommends', ...some)
    } catch (error) {
      say(`${some.join(' and ')}: not installed (${String(error)})`)
    }
}

function apt(...words: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['-q', ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}
