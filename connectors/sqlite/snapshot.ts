import { constants } from 'node:fs'
import { copyFile, mkdtemp, open, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SourceError, TransientError } from '../../sdk/index.ts'
import type { Located } from '../sql-file.ts'

/** A database file as it can be opened. */
export interface Snapshot {
  /** In a folder of its own: the driver keeps its locks beside the file. */
  path: string
  /** True where it is a copy, which may be opened for writing: SQLite then reads what lies in the log beside it. */
  isCopy: boolean
  /** @throws {SourceError} E423 the file changed since the snapshot was taken; a copy does not */
  check(): Promise<void>
  drop(): Promise<void>
}

/**
 * The file itself through a link, or, where it is kept with a write-ahead log, a copy of both: the driver cannot read
 * such a log in place.
 *
 * @throws {SourceError} E432 no SQLite database, E423 it changes all the time; {TransientError} E433 half of a change
 */
export async function snapshot(file: Located): Promise<Snapshot> {
  const hasLog = await keepsLog(file)
  if (!hasLog && (await isJournalHot(file.path))) throw inTheMiddle(file)
  const folder = await mkdtemp(join(tmpdir(), 'polder-sqlite-'))
  const path = join(folder, 'data')
  const drop = () => rm(folder, { recursive: true, force: true })
  try {
    if (hasLog) {
      await copyBoth(file, path)
      return { path, isCopy: true, check: async () => {}, drop }
    }
    const print = await printOf(file.path)
    await symlink(file.path, path)
    const check = async () => {
      if ((await printOf(file.path)) !== print) throw changed(file)
    }
    return { path, isCopy: false, check, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

const MAGIC = 'SQLite format 3\0'
const HEADER_BYTES = 100
/** Of the header: the file format's version for writing and for reading; 2 means a write-ahead log. */
const WRITE_VERSION_AT = 18
const READ_VERSION_AT = 19

async function keepsLog(file: Located): Promise<boolean> {
  const header = await firstBytes(file.path, HEADER_BYTES)
  if (header?.toString('latin1', 0, MAGIC.length) === MAGIC)
    return header[WRITE_VERSION_AT] === 2 || header[READ_VERSION_AT] === 2
  throw new SourceError('E432', {
    problem: `"${file.name}" of connection "${file.connection}" is no SQLite database.`,
    remedy: 'An encrypted one cannot be read; export it first.',
  })
}

/** A journal whose beginning was cleared belongs to no open change. */
async function isJournalHot(path: string): Promise<boolean> {
  const begin = await firstBytes(`${path}-journal`, 8)
  return (begin ?? Buffer.alloc(0)).some((it) => it !== 0)
}

async function firstBytes(path: string, length: number): Promise<Buffer | undefined> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (!handle) return undefined
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const TRIES = 3

async function copyBoth(file: Located, target: string): Promise<void> {
  const sides = [file.path, `${file.path}-wal`]
  for (let i = 0; i < TRIES; i++) {
    const before = await Promise.all(sides.map(printOf))
    for (const [at, suffix] of ['', '-wal'].entries())
      if (before[at] !== undefined)
        await copyFile(sides[at]!, `${target}${suffix}`, constants.COPYFILE_FICLONE).catch(ifGone)
    const after = await Promise.all(sides.map(printOf))
    if (before.every((it, at) => it === after[at])) return
  }
  throw changed(file)
}

/** Its writer ended and took the log along: the prints then differ, and the copy is made anew. */
function ifGone(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error
}

async function printOf(path: string): Promise<string | undefined> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined)
  return facts && `${facts.ino}:${facts.size}:${facts.mtimeNs}`
}

const changed = (file: Located): SourceError =>
  new SourceError('E423', {
    problem: `"${file.name}" of connection "${file.connection}" changed while it was read.`,
    remedy: 'Read a copy (sqlite3 <file> ".backup <copy>"), or run while nobody writes.',
  })

const inTheMiddle = (file: Located): TransientError =>
  new TransientError('E433', {
    problem: `"${file.name}" of connection "${file.connection}" is in the middle of a change.`,
    remedy: 'Let its writer finish, or open it once with sqlite3 after a crash.',
  })
