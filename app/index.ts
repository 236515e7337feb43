import { loadProject } from '../config/index.ts'
import { ConfigErrors, type Problem } from '../core/errors.ts'
import { builtinSchema } from '../unify/index.ts'
import type { Polder, ValidateReport } from './api.ts'
import { openChecked } from './opened.ts'
import { registry } from './registry.ts'

export { problemJson, renderProblems } from '../config/index.ts'
export { catalog, explain } from '../core/catalog/index.ts'
export { systemClock } from '../pipelines/index.ts'
export type * from './api.ts'

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
  const { project, problems, files } = await loadProject(root, registry, builtinSchema(), env)
  if (!project) return { files, problems, unchecked: [] }
  const polder = openChecked(project, files, problems)
  return polder.validate().finally(() => polder.close())
}

export type { Problem }
