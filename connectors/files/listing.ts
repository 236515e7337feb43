import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path'
import { didYouMean } from '../../core/text.ts'
import { ConfigError, SourceError } from '../../sdk/index.ts'
import { isInside } from '../inside.ts'

/** A connection's `path`: the folder that datasets are named from, and what of it they may name. */
export interface Place {
  connection: string
  /** Absolute folder of the project, links resolved. */
  root: string
  /** Absolute. */
  folder: string
  pattern: string
}

export interface FoundFile {
  /** Below the connection's folder, with forward slashes. */
  name: string
  path: string
  /** Changes when the file's contents do, as far as the file system tells. */
  print: string
}

/** @throws {ConfigError} E421 outside the project, E420 no such folder */
export async function placeOf(path: string, root: string, connection: string): Promise<Place> {
  const realRoot = await realpath(root)
  const { folder, pattern } = await fixedPart(resolve(root, path))
  const real = await realpath(folder).catch(() => undefined)
  if (real === undefined) throw noFolder(path, connection)
  if (!isInside(real, realRoot)) throw outside(path, connection)
  return { connection, root: realRoot, folder: real, pattern }
}

const GLOB = /[*?[\]{}!()]/

async function fixedPart(absolute: string): Promise<{ folder: string; pattern: string }> {
  const kind = await stat(absolute).catch(() => undefined)
  if (kind?.isDirectory()) return { folder: absolute, pattern: '**/*' }
  const parts = absolute.split(sep)
  const first = parts.findIndex((part) => GLOB.test(part))
  if (first < 0 || kind) return { folder: dirname(absolute), pattern: escaped(basename(absolute)) }
  return { folder: parts.slice(0, first).join(sep) || sep, pattern: parts.slice(first).join('/') }
}

const escaped = (name: string): string => name.replace(/[*?[\]{}!()\\]/g, '\\$&')

/** Names of all files that the connection's pattern gives, in byte order. */
export async function fileNames(place: Place): Promise<string[]> {
  return glob(place, place.pattern)
}

async function glob({ folder }: Place, pattern: string): Promise<string[]> {
  const { glob: find } = await import('tinyglobby')
  const names = await find(pattern, { cwd: folder, onlyFiles: true, expandDirectories: false })
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/**
 * The files that `from` names: one name, or a pattern over the connection's files.
 * @throws {ConfigError} E404 none, E421 a file (or what a link leads to) lies outside the project
 */
export async function findFiles(from: string, place: Place): Promise<FoundFile[]> {
  if (isAbsolute(from) || from.split(/[/\\]/).includes('..')) throw outside(from, place.connection)
  const all = await fileNames(place)
  const names = all.includes(from) ? [from] : await matching(from, all, place)
  if (names.length === 0) throw noFile(from, all, place)
  return Promise.all(names.map((name) => look(name, place)))
}

async function matching(from: string, all: string[], place: Place): Promise<string[]> {
  const allowed = new Set(all)
  return (await glob(place, from)).filter((name) => allowed.has(name))
}

async function look(name: string, place: Place): Promise<FoundFile> {
  const path = resolve(place.folder, name)
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) throw vanished(name)
  if (!isInside(real, place.root)) throw outside(name, place.connection)
  return { name, path: real, print: await printOf(real, name) }
}

/** @throws {SourceError} E422 the file is gone */
export async function printOf(path: string, name: string): Promise<string> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined)
  if (!facts) throw vanished(name)
  return `${facts.ino}:${facts.size}:${facts.mtimeNs}`
}

/** One short text for a list of files, their contents and how they are read. */
export function listPrint(files: FoundFile[], options: object): string {
  const text = JSON.stringify([files.map(({ name, print }) => [name, print]), options])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

const noFolder = (path: string, connection: string): ConfigError =>
  new ConfigError('E420', {
    problem: `Connection "${connection}": there is no folder for the path "${path}".`,
    remedy: 'Paths are relative to the folder of polder.yaml.',
  })

const outside = (path: string, connection: string): ConfigError =>
  new ConfigError('E421', {
    problem: `Connection "${connection}": "${path}" lies outside the project's folder.`,
    remedy: 'Copy the files into the project.',
  })

const noFile = (from: string, all: string[], place: Place): ConfigError =>
  new ConfigError('E404', {
    problem: `Connection "${place.connection}" has no file "${from}" among its ${all.length}.`,
    remedy: `${didYouMean(from, all)}See: polder connect discover ${place.connection}`,
  })

const vanished = (name: string): SourceError =>
  new SourceError('E422', {
    problem: `"${name}" is gone, or may not be read.`,
    remedy: 'Write files under another name and rename them when they are complete.',
  })
