import { loadProject } from '../config/index.ts'
import { ConfigErrors, type Problem } from '../core/errors.ts'
import type { ProjectSpec } from '../core/spec.ts'
import { builtinSchema } from '../unify/index.ts'
import type { Polder, ValidateReport } from './api.ts'
import { openChecked } from './opened.ts'
import { registry } from './registry.ts'

export { renderProblems } from '../config/index.ts'
export { catalog, explain } from '../core/catalog/index.ts'
export { problemJson } from '../core/problem-json.ts'
export { systemClock } from '../pipelines/index.ts'
export type * from './api.ts'
export { evalOnJson } from './eval.ts'

/**
 * Opens the project in `root`; contacts nothing.
 * @throws {ConfigErrors} with every fault of every file
 */
export async function openProject(root: string, options: { env: NodeJS.ProcessEnv }): Promise<Polder> {
  const { project, problems, files } = await loadProject(root, registry, builtinSchema(), options.env)
  if (!project) throw new ConfigErrors(problems)
  return openChecked(project, files, problems)
}

/** All that `validate` finds, whether the project can be opened or not. */
export async function checkProject(root: string, env: NodeJS.ProcessEnv): Promise<ValidateReport> {
  const { project, partial, problems, files } = await loadProject(root, registry, builtinSchema(), env)
  const readable = project ?? (partial && withKnownConnections(partial))
  if (!readable) return { files, problems, unchecked: [] }
  const polder = openChecked(readable, files, problems)
  return polder.validate().finally(() => polder.close())
}

/** The mappings of a faulty project are checked too, so that all faults are told at once. */
function withKnownConnections(partial: ProjectSpec): ProjectSpec {
  const known = new Set(partial.connections.map((it) => it.name))
  return { ...partial, pipelines: partial.pipelines.filter((it) => known.has(it.connection)) }
}

export type { Problem }
