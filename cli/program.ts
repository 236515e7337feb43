import { Command, CommanderError, Option } from 'commander'
import type { EvalFlags } from './commands/eval.ts'
import type { LineageFlags } from './commands/lineage.ts'
import type { RunFlags } from './commands/run.ts'
import type { Context, GlobalOptions, Outcome } from './context.ts'
import { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { EXIT_CODES, environmentsComeLater, notRun, positive } from './usage.ts'
import { ownVersion } from './version.ts'

/** A command line that was understood, or what tells that it was not: both are carried out the same way. */
export interface Call {
  /** As the envelope names it: `runs list`. */
  command: string
  options: GlobalOptions
  work(context: Context): Promise<Outcome>
}

type Work = Call['work']
type Action = (command: string, work: Work) => void

/** @returns the call, or the exit code where help or the version was all that was asked for (and was printed) */
export function parseCommandLine(argv: string[], io: Io): Call | { exitCode: number } {
  let chosen: { command: string; work: Work } | undefined
  const program = createProgram(argv, io, (command, work) => {
    chosen = { command, work }
  })
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return notRun(error, argv)
  }
  const { env, ...options } = program.opts<GlobalOptions & { env?: string }>()
  if (!chosen) return { exitCode: ExitCode.ok }
  return { ...chosen, options, ...(env !== undefined && { work: environmentsComeLater }) }
}

function createProgram(argv: string[], io: Io, act: Action): Command {
  const program = new Command('polder')
    .description('Reads customer data where it lives and maps it into one warehouse schema.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // The help of a command whose subcommand is missing; with --json the envelope tells it.
      writeErr: (text) => (argv.includes('--json') ? undefined : io.stderr.write(text)),
      // Told by `notRun`, in the form of every other failure.
      outputError: () => {},
    })
  addGlobalOptions(program)
  addBuildCommands(program, act)
  addRunCommands(program, act)
  addRepairCommands(program, act)
  program.commandsGroup('Help:').helpCommand('help [command]', 'print the help of a command')
  return program
}

function addGlobalOptions(program: Command): void {
  program
    .option('--project <dir>', 'folder of polder.yaml (default: the nearest one upwards)')
    .option('--json', 'print one JSON document on stdout, failures included')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are respected too)')
    .addOption(new Option('--env <name>', 'comes later').hideHelp())
}

function addBuildCommands(program: Command, act: Action): void {
  program.commandsGroup('Build:')
  program
    .command('init [dir]')
    .description('start a project that runs at once')
    .action((dir?: string) =>
      act('init', async (context) => (await import('./commands/init.ts')).init(context, dir)),
    )
  const connect = program.command('connect').description('test connections, discover what they hold')
  connect
    .command('test [names...]')
    .description('make one cheap request to every connection, or to those named')
    .action((names: string[]) =>
      act('connect test', async (context) =>
        (await import('./commands/connect.ts')).connectTest(context, names),
      ),
    )
  connect
    .command('discover <connection> [from]')
    .description('list the datasets of a connection, or the fields of one; refreshes the schema cache')
    .action((connection: string, from?: string) =>
      act('connect discover', async (context) =>
        (await import('./commands/connect.ts')).connectDiscover(context, connection, from),
      ),
    )
  program
    .command('validate')
    .description('check all files without contacting anything')
    .action(() =>
      act('validate', async (context) => (await import('./commands/validate.ts')).validate(context)),
    )
  program
    .command('plan [selection...]')
    .description('show what the next run would read, write and change')
    .option('--sql', 'print the DDL in full')
    .action((selection: string[], flags: { sql?: boolean }) =>
      act('plan', async (context) => (await import('./commands/plan.ts')).plan(context, selection, flags)),
    )
  program
    .command('lineage [column]')
    .description('show which source fields feed a column (party.email), a table (party), or all')
    .option('--dataset <names...>', 'only of these pipelines or datasets')
    .option('--mermaid', 'print a flow chart in the language of Mermaid')
    .action((column: string | undefined, flags: LineageFlags) =>
      act('lineage', async (context) =>
        (await import('./commands/lineage.ts')).lineage(context, column, flags),
      ),
    )
  program
    .command('preview <dataset>')
    .description('map a few rows and show what they would make; writes nothing')
    .option('--rows <n>', 'rows to read', positive, 5)
    .action((dataset: string, flags: { rows: number }) =>
      act('preview', async (context) =>
        (await import('./commands/preview.ts')).preview(context, dataset, flags),
      ),
    )
  program
    .command('eval <expression>')
    .description('try an expression on rows, on JSON or on nothing: result, type, fields, road and time')
    .option('--on <input>', 'a dataset (shop.customers), a file (row.json, rows.jsonl) or JSON')
    .option('--rows <n>', 'rows of the dataset, or lines of the file', positive, 1)
    .action((expression: string, flags: EvalFlags) =>
      act('eval', async (context) =>
        (await import('./commands/eval.ts')).evaluate(context, expression, flags),
      ),
    )
  program
    .command('test [pipelines...]')
    .description('run the tests of the pipelines in a throw-away warehouse')
    .action((pipelines: string[]) =>
      act('test', async (context) => (await import('./commands/test.ts')).test(context, pipelines)),
    )
}

function addRunCommands(program: Command, act: Action): void {
  program.commandsGroup('Run:')
  program
    .command('run [selection...]')
    .description('load everything, a pipeline (shop) or a dataset (shop.customers)')
    .option('--full', 'read in full, whatever the cursors say')
    .option('--allow-shrink', 'accept that many rows are gone from the source')
    .option('--accept-schema', "take the sources' columns as they are now")
    .addOption(new Option('--log-format <format>', 'progress as a log on stderr').choices(['line', 'json']))
    .addHelpText('after', EXIT_CODES)
    .action((selection: string[], flags: RunFlags) =>
      act('run', async (context) => (await import('./commands/run.ts')).run(context, selection, flags)),
    )
  program
    .command('schedule')
    .description('run every pipeline at the due times of its schedule, until stopped')
    .addOption(new Option('--log-format <format>', 'progress as a log on stderr').choices(['line', 'json']))
    .action((flags: { logFormat?: 'line' | 'json' }) =>
      act('schedule', async (context) => (await import('./commands/schedule.ts')).schedule(context, flags)),
    )
  program
    .command('status [selection...]')
    .description('show the last run, freshness and rejects of every dataset')
    .action((selection: string[]) =>
      act('status', async (context) => (await import('./commands/status.ts')).status(context, selection)),
    )
  const runs = program.command('runs').description('look at past runs')
  runs
    .command('list')
    .description('list the latest runs')
    .option('--limit <n>', 'runs to list', positive, 20)
    .action((flags: { limit: number }) =>
      act('runs list', async (context) => (await import('./commands/runs.ts')).runsList(context, flags)),
    )
  runs
    .command('show <id>')
    .description('show one run')
    .action((id: string) =>
      act('runs show', async (context) => (await import('./commands/runs.ts')).runsShow(context, id)),
    )
}

function addRepairCommands(program: Command, act: Action): void {
  program.commandsGroup('Repair:')
  const rejects = program.command('rejects').description('look at rows that were set aside')
  rejects
    .command('list [what]')
    .description('list rejects: all open ones, of a run, of a pipeline or a dataset')
    .option('--reveal', 'show the values instead of ***')
    .option('--limit <n>', 'rejects to list', positive, 50)
    .action((what: string | undefined, flags: { reveal?: boolean; limit: number }) =>
      act('rejects list', async (context) =>
        (await import('./commands/rejects.ts')).rejectsList(context, what, flags),
      ),
    )
  program
    .command('explain [code]')
    .description('explain an error code, or list all of them')
    .action((code?: string) =>
      act('explain', async () => (await import('./commands/explain.ts')).explain(code)),
    )
}
