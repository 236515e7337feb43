import type { Place, SourceFile } from '../core/place.ts'
import { redact } from '../core/secrets.ts'
import type { PipelineSpec, ProjectSpec } from '../core/spec.ts'
import { readConnections } from './connections.ts'
import type { LoadedProject } from './load.ts'
import { openFile } from './open-file.ts'
import { readPipeline } from './pipeline.ts'
import { DEFAULT_COMMIT, defaultWarehouse, readProjectFile } from './project-file.ts'
import type { Surroundings } from './references.ts'
import type { Registry } from './registry.ts'
import { hasErrors, inFileOrder, type Report } from './report.ts'
import { loadTables } from './schema.ts'

/** The files of a project, as read. A file that could not be read is left out (and reported). */
export interface ProjectFiles {
  project?: SourceFile
  connections?: SourceFile
  pipelines: SourceFile[]
  schema: SourceFile[]
  /** Some file could not be read: what it would have declared is not missed. */
  incomplete: boolean
}

/** Checks a project's files against each other. Only secret files are read beyond what is given. */
export function checkProject(
  files: ProjectFiles,
  registry: Registry,
  builtinSchema: SourceFile[],
  around: Surroundings,
  report: Report,
): LoadedProject {
  const schema = loadTables(builtinSchema, files.schema)
  const tables = new Map(schema.tables.map((it) => [it.name, it]))
  const { warehouse, timezone, commit } = files.project
    ? readProjectFile(openFile(files.project, { options: registry }, report), registry, around)
    : {
        warehouse: defaultWarehouse(firstLine('polder.yaml'), registry),
        timezone: undefined,
        commit: DEFAULT_COMMIT,
      }
  const reading = files.connections && openFile(files.connections, { options: registry }, report)
  const connections = reading && readConnections(reading, registry, around)
  const rules = {
    tables,
    tablesIncomplete: schema.broken || files.incomplete,
    connections: (reading ? reading.parsed.broken : files.incomplete)
      ? undefined
      : (connections?.names ?? []),
    taken: new Map<string, string>(),
  }
  const pipelines = files.pipelines.map((it) => readPipeline(openFile(it, 'expressions', report), rules))
  if (files.pipelines.length === 0 && !files.incomplete) reportNothing(report)
  const problems = inFileOrder([...schema.problems, ...report.problems]).map(withoutSecrets)
  const count =
    files.pipelines.length + files.schema.length + Number(!!files.project) + Number(!!files.connections)
  if (hasErrors(problems) || warehouse === undefined) return { problems, files: count }
  const project: ProjectSpec = {
    root: around.root,
    warehouse,
    timezone,
    commit,
    connections: connections?.connections ?? [],
    pipelines: pipelines.filter((it): it is PipelineSpec => it !== undefined),
    tables: schema.tables,
  }
  return { project, problems, files: count }
}

const firstLine = (path: string): Place => ({ file: { path, text: '' }, line: 1, column: 1, length: 1 })

function reportNothing(report: Report): void {
  report.error('E109', undefined, {
    problem: 'There is no pipeline here: the folder pipelines/ is missing or holds no YAML file.',
    remedy: 'Go to the folder of polder.yaml, or create a project: polder init',
  })
}

/** The last net: whatever was registered as a secret leaves no finding. */
const withoutSecrets = <T extends { problem: string; remedy?: string; note?: string }>(it: T): T => ({
  ...it,
  problem: redact(it.problem),
  ...(it.remedy ? { remedy: redact(it.remedy) } : {}),
  ...(it.note ? { note: redact(it.note) } : {}),
})
