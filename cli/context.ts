import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Polder } from '../app/index.ts'
import { ConfigError, type Problem } from '../core/errors.ts'
import type { Io } from './io.ts'
import type { Printer } from './printer.ts'
import type { Paint } from './text/paint.ts'

/** What every command is given. */
export interface Context {
  io: Io
  printer: Printer
  options: GlobalOptions
}

export interface GlobalOptions {
  project?: string
  json?: boolean
  quiet?: boolean
  color: boolean
}

/** What every command gives back; `main` prints it as text or in the JSON envelope. */
export interface Outcome<Result = unknown> {
  exitCode: number
  result: Result
  /** All findings, those that `result` holds included. */
  problems: Problem[]
  /** For people, without a line end at its end. */
  text(paint: Paint): string
}

/** Opens the project, works with it, and closes it whatever happens. */
export async function withProject<T>(context: Context, work: (polder: Polder) => Promise<T>): Promise<T> {
  const root = projectRoot(context)
  const { openProject } = await import('../app/index.ts')
  const polder = await openProject(root, { env: context.io.env })
  try {
    return await work(polder)
  } finally {
    await polder.close()
  }
}

/**
 * The folder of the project: `--project`, else the nearest folder upwards that has a `polder.yaml`.
 * @throws {ConfigError} E802 there is none
 */
export function projectRoot({ io, options }: Context): string {
  if (options.project !== undefined) {
    const root = resolve(io.cwd, options.project)
    if (isProject(root)) return root
    throw noProject(`The folder ${options.project} has no polder.yaml.`)
  }
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    if (isProject(folder)) return folder
    if (folder === dirname(folder)) throw noProject('No polder.yaml in this folder or in one above it.')
  }
}

const isProject = (folder: string): boolean => existsSync(join(folder, 'polder.yaml'))

const noProject = (problem: string): ConfigError =>
  new ConfigError('E802', {
    problem,
    remedy: 'Name the project with --project <dir>, or start one: polder init <dir>',
  })
