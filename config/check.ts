import { looseText, type SourceFile } from '../core/place.ts'
import { redact } from '../core/secrets.ts'
import type { PipelineSpec, ProjectSpec } from '../core/spec.ts'
import { readConnections } from './connections.ts'
import type { LoadedProject } from './load.ts'
import { openFile } from './open-file.ts'
import { readPipeline } from './pipeline.ts'
import { defaultWarehouse, type ProjectFile, projectPresets, readProjectFile } from './project-file.ts'
import type { Surroundings } from './references.ts'
import type { Registry } from './registry.ts'
import { hasErrors, inFileOrder, type Report } from './report.ts'
import { loadTables } from './schema.ts'
import { teamFunctions, withFunctions } from './team-functions.ts'

/** The files of a project, as read. A file that could not be read is left out (and reported). */
export interface ProjectFiles {
  project?: SourceFile
  connections?: SourceFile
  pipelines: SourceFile[]
  schema: SourceFile[]
  /** `transforms/*.jsonata` */
  transforms: SourceFile[]
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
  const holds = { options: registry }
  const { warehouse, timezone, commit, parallel } = files.project
    ? openFile(files.project, holds, report, (it) => readProjectFile(it, registry, around))
    : withoutProjectFile(registry)
  const connections = files.connections
    ? openFile(files.connections, holds, report, (it) => readConnections(it, registry, around))
    : { specs: [], names: files.incomplete ? undefined : [] }
  const rules = {
    tables: new Map(schema.tables.map((it) => [it.name, it])),
    tablesIncomplete: schema.broken || files.incomplete,
    connections: connections.names,
    taken: new Map<string, string>(),
  }
  const functions = teamFunctions(files.transforms, registry.functions ?? [], report)
  const pipelines = files.pipelines.map((file) =>
    openFile(file, 'expressions', report, (it) => readPipeline(it, rules), functions),
  )
  if (files.pipelines.length === 0 && !files.incomplete) reportNothing(report)
  const problems = inFileOrder([...schema.problems, ...report.problems]).map(withoutSecrets)
  const count =
    files.pipelines.length +
    files.schema.length +
    files.transforms.length +
    Number(!!files.project) +
    Number(!!files.connections)
  if (warehouse === undefined) return { problems, files: count }
  const project: ProjectSpec = {
    root: around.root,
    warehouse,
    timezone,
    commit,
    parallel,
    connections: connections.specs,
    pipelines: pipelines.filter((it): it is PipelineSpec => it !== undefined),
    tables: schema.tables,
    functions: functions.map(({ name, source }) => ({
      name,
      written: source,
      source: withFunctions(looseText(`$${name}`), functions),
    })),
  }
  return { [hasErrors(problems) ? 'partial' : 'project']: project, problems, files: count }
}

const withoutProjectFile = (registry: Registry): ProjectFile => ({
  warehouse: defaultWarehouse(
    { file: { path: 'polder.yaml', text: '' }, line: 1, column: 1, length: 1 },
    registry,
  ),
  ...projectPresets(),
})

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
