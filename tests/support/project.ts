import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Json } from '../../core/value.ts'
import { CHECKOUT } from './source-files.ts'
import type { TestWarehouse } from './warehouse.ts'

const BIN = join(CHECKOUT, 'bin', 'polder.mjs')

export interface CommandResult {
  /** null where a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  millis: number
}

/** What `--json` prints. */
export interface Envelope<Result = Json> {
  command: string
  ok: boolean
  exitCode: number
  result: Result
  problems: {
    code: string
    severity: string
    file: string | null
    line: number | null
    problem: string
    remedy: string | null
  }[]
}

export interface CommandOptions {
  env?: Record<string, string>
  /** Changes the command line: the words of another program go before it. */
  wrap?(words: string[]): string[]
  /** Called with the process as soon as it runs, to signal it. */
  onStart?(child: { pid: number; kill(signal: NodeJS.Signals): void }): void
}

/** A user's project in a temporary folder, worked on through `bin/polder.mjs` as a user would. */
export interface TestProject {
  root: string
  /** Environment of every command; tests may add to it. */
  env: Record<string, string>
  /** Every command so far: its words, how it ended and what it said last. */
  commands: string[]
  write(files: Record<string, string>): Promise<void>
  polder(words: string[], options?: CommandOptions): Promise<CommandResult>
  /** Runs with `--json` and parses the answer, whatever the exit code. */
  json<Result>(words: string[], options?: CommandOptions): Promise<Envelope<Result>>
  remove(): Promise<void>
}

/** An empty folder. */
export async function emptyProject(env: Record<string, string> = {}): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), 'polder-project-'))
  const project: TestProject = {
    root,
    env: { ...env },
    commands: [],
    write: (files) => writeAll(root, files),
    polder: (words, options) => runPolder(project, words, options),
    async json(words, options) {
      const { stdout, stderr, code } = await runPolder(project, [...words, '--json'], options)
      try {
        return JSON.parse(stdout)
      } catch (cause) {
        throw new Error(`polder ${words.join(' ')} (exit ${code}) printed no JSON:\n${stdout}\n${stderr}`, {
          cause,
        })
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
  return project
}

/** A project that loads into `warehouse`. `commitRows` forces many small commits. */
export async function warehouseProject(
  warehouse: TestWarehouse,
  files: Record<string, string>,
  settings: {
    commitRows?: number
    /** 1 where a test counts the bytes of one reading. */
    parallel?: number
    copyOf?: string
    env?: Record<string, string>
  } = {},
): Promise<TestProject> {
  const project = await emptyProject({ ...warehouse.env, ...settings.env })
  if (settings.copyOf !== undefined) await cp(settings.copyOf, project.root, { recursive: true })
  const commit = settings.commitRows === undefined ? '' : `commit:\n  rows: ${settings.commitRows}\n`
  const parallel = settings.parallel === undefined ? '' : `parallel: ${settings.parallel}\n`
  const yaml = `${warehouse.yaml}timezone: Europe/Amsterdam\n${commit}${parallel}`
  await project.write({ 'polder.yaml': yaml, ...files })
  return project
}

async function writeAll(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

function runPolder(
  project: TestProject,
  words: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const startedAt = performance.now()
  const [command, ...more] = (options.wrap ?? asItIs)([process.execPath, BIN, ...words])
  const child = spawn(command!, more, {
    cwd: project.root,
    env: { ...ownEnvironment(), ...project.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (text: string) => {
      output[name] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () =>
      options.onStart?.({ pid: child.pid!, kill: (signal) => void child.kill(signal) }),
    )
    child.once('close', (code, signal) => {
      const result = { code, signal, ...output, millis: performance.now() - startedAt }
      project.commands.push(commandLine(words, result))
      resolve(result)
    })
  })
}

const LAST_LINES = 6

function commandLine(words: string[], { code, signal, stdout, stderr, millis }: CommandResult): string {
  const said = [stdout, stderr].flatMap((it) => it.trim().split('\n').slice(-LAST_LINES))
  const told = said.filter((it) => it !== '').map((it) => `\n    ${it.slice(0, 400)}`)
  return `polder ${words.join(' ')}: ${signal ?? `exit ${code}`} after ${Math.round(millis)} ms${told.join('')}`
}

const asItIs = (words: string[]): string[] => words

/** Only what a process needs to start: the test runner's own settings must not reach the product. */
function ownEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot']
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  ) as Record<string, string>
}
