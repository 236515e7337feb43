import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { CHECKOUT } from './source-files.ts'

const NAMES = ['postgres_scanner', 'mysql_scanner', 'sqlite_scanner'] as const
export type ExtensionName = (typeof NAMES)[number]

const VARIABLE = 'DUCKDB_EXTENSION_DIRECTORY'
const PATIENCE_MS = 60_000

/**
 * The folder of DuckDB's extensions, as INSTALL makes it; undefined, and said, where it lacks one of these.
 * @param what  is skipped then
 */
export function extensionFolder(names: ExtensionName[], what: string): string | undefined {
  const folder = process.env[VARIABLE]
  const missing = names.filter((it) => folder === undefined || fileOf(folder, it) === undefined)
  if (missing.length === 0) return folder
  console.warn(`SKIPPED: ${what}. ${VARIABLE} names no folder with ${missing.join(' and ')}.`)
  return undefined
}

function fileOf(folder: string, name: ExtensionName): string | undefined {
  if (!existsSync(folder)) return undefined
  const files = readdirSync(folder, { recursive: true }) as string[]
  return files.find((it) => it.startsWith(`v${version()}`) && it.endsWith(`${name}.duckdb_extension`))
}

/** `1.5.5` of `1.5.5-r.5` */
function version(): string {
  const file = join(CHECKOUT, 'node_modules', '@duckdb', 'node-api', 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version.split('-')[0]!
}

/** Where nobody named a folder: those that were fetched before, else from the Python package index. Tests that lack them are skipped. */
export async function giveExtensions(say: (line: string) => void): Promise<void> {
  if (process.env[VARIABLE] !== undefined) return
  const folder = join(tmpdir(), `polder-duckdb-extensions-${version()}`)
  const lacking = NAMES.filter((it) => fileOf(folder, it) === undefined)
  try {
    if (lacking.length > 0) fetchInto(folder, await platform(), lacking)
    process.env[VARIABLE] = folder
  } catch (error) {
    process.env[VARIABLE] = ''
    say(`DuckDB's extensions cannot be fetched: ${String((error as Error).message).split('\n')[0]}`)
  }
}

async function platform(): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const [[name]] = (await connection.runAndReadAll('pragma platform')).getRows() as [[string]]
  connection.closeSync()
  instance.closeSync()
  return name
}

function fetchInto(folder: string, platform: string, names: ExtensionName[]): void {
  const python = (...words: string[]) =>
    execFileSync('python3', ['-m', ...words], { stdio: 'ignore', timeout: PATIENCE_MS })
  const into = join(folder, `v${version()}`, platform)
  mkdirSync(into, { recursive: true })
  const wheels = mkdtempSync(join(folder, 'wheels-'))
  try {
    const packages = names.map((it) => `duckdb-extension-${it.replace('_', '-')}==${version()}`)
    python(
      'pip',
      'download',
      '--quiet',
      '--retries',
      '1',
      '--timeout',
      '10',
      '--no-deps',
      '--only-binary=:all:',
      '-d',
      wheels,
      ...packages,
    )
    for (const it of readdirSync(wheels)) python('zipfile', '-e', join(wheels, it), wheels)
    for (const it of readdirSync(wheels, { recursive: true }) as string[]) {
      const file = NAMES.find((name) => it.endsWith(`${name}.duckdb_extension`))
      // Whole or not at all: others may be looking.
      if (file) renameSync(join(wheels, it), join(into, `${file}.duckdb_extension`))
    }
  } finally {
    rmSync(wheels, { recursive: true, force: true })
  }
}
