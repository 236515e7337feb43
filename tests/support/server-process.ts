import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000

/** A server of the tests, stopped by who started it. */
export interface TestServer {
  url: string
  /** Folder of its data. */
  disk: string
  stop(): Promise<void>
  /** Dies as by a power cut, but for the disk. */
  crash(): Promise<void>
  /** Starts it once more, after a crash, and waits until it answers. */
  again(): Promise<void>
  pid(): number
}

/** How a test wants its own server. */
export interface ServerWishes {
  /** What it has committed outlives a crash. */
  durable?: boolean
  /** Its data lies on a disk of its own with so many megabytes free; see `onDisk`. */
  freeMegabytes?: number
  /** More words of its command line. */
  words?: string[]
}

/** The user a server runs as: database servers refuse root, so root lends them their Debian user. */
export interface ServerUser {
  uid?: number
  gid?: number
}

export function serverUser(name: string): ServerUser {
  if (process.getuid?.() !== 0) return {}
  for (const user of [name, 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user here: the next.
    }
  }
  throw new Error(`Running as root needs a user "${name}" for the database server; there is none.`)
}

/** Makes `folder` for `user` alone. */
export function ownFolder(folder: string, user: ServerUser): string {
  mkdirSync(folder, { mode: 0o700 })
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!)
  return folder
}

/** A free port of this machine's loopback. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })
}

/** Starts a server with its output in `logFile` and waits until `answers`. */
export async function startServer(
  command: string,
  words: string[],
  options: { user: ServerUser; logFile: string; stopSignal: NodeJS.Signals; answers(): Promise<unknown> },
): Promise<Omit<TestServer, 'url' | 'disk'>> {
  let child = await startProcess(command, words, options)
  return {
    stop: () => stop(child, options.stopSignal),
    // SIGQUIT is PostgreSQL's immediate shutdown, which takes its children along; MariaDB has none.
    crash: () => stop(child, options.stopSignal === 'SIGINT' ? 'SIGQUIT' : 'SIGKILL'),
    again: async () => {
      child = await startProcess(command, words, options)
    },
    pid: () => child.pid!,
  }
}

async function startProcess(
  command: string,
  words: string[],
  options: Parameters<typeof startServer>[2],
): Promise<ChildProcess> {
  const log = openSync(options.logFile, 'a')
  // From "/": the checkout may lie where the server's user cannot go.
  const child = spawn(command, words, { ...options.user, cwd: '/', stdio: ['ignore', log, log] })
  closeSync(log)
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  failed.catch(() => {})
  await Promise.race([failed, untilAnswer(child, command, options)])
  return child
}

async function untilAnswer(
  child: ChildProcess,
  command: string,
  options: { logFile: string; answers(): Promise<unknown> },
): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      await options.answers()
      return
    } catch (cause) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL')
        const log = readFileSync(options.logFile, 'utf8').slice(-3000)
        throw new Error(`${command} did not start:\n${log}`, { cause })
      }
      await sleep(100)
    }
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await gone
  clearTimeout(hard)
}
