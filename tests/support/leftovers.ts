import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'polder-test-servers-'
const OWNER = 'owner'

/** A new folder for the servers of this test run, noted with its owner so that a later run can clear it away. */
export function claimFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  // The servers run as other users and must be able to walk to their own folders.
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, OWNER), `${process.pid} ${startOf(process.pid)}`)
  return folder
}

/** Stops the servers of test runs that were killed, and removes their folders. */
export function clearLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((it) => it.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name)
    if (!isOurs(folder) || ownerLives(folder)) continue
    for (const pid of serverPids(folder)) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

/** False for another user's folder, which we could not remove. */
function isOurs(folder: string): boolean {
  try {
    return readFileSync(join(folder, OWNER), 'utf8') !== ''
  } catch {
    return false
  }
}

function ownerLives(folder: string): boolean {
  const [pid, ...start] = readFileSync(join(folder, OWNER), 'utf8').split(' ')
  return isAlive(Number(pid)) && startOf(Number(pid)) === start.join(' ')
}

/** Pids of servers whose command line names this folder: a reused pid is somebody else's process. */
function serverPids(folder: string): number[] {
  const files = [join(folder, 'postgres', 'data', 'postmaster.pid'), join(folder, 'mariadb', 'pid')]
  return files
    .filter((it) => existsSync(it))
    .map((it) => Number(readFileSync(it, 'utf8').split('\n')[0]))
    .filter((pid) => pid > 0 && isAlive(pid) && commandOf(pid).includes(folder))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const commandOf = (pid: number): string => proc(pid, 'cmdline').replaceAll('\0', ' ')

/** Start time in clock ticks, so that a reused pid is not taken for its predecessor; '' where /proc is missing. */
const startOf = (pid: number): string =>
  proc(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ')[19] ?? ''

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
