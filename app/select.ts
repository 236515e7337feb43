import { ConfigError } from '../core/errors.ts'
import { type DatasetSpec, datasetRef, type PipelineSpec, type ProjectSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import type { Selection } from './api.ts'

/**
 * The datasets that a command names: none = all, `shop` = a pipeline, `shop.customers` = one.
 * @throws {ConfigError} E301 a name that matches nothing
 */
export function selectDatasets(project: ProjectSpec, selection: Selection): DatasetSpec[] {
  const all = project.pipelines.flatMap((it) => it.datasets)
  if (selection.length === 0) return all
  const wanted = new Set<DatasetSpec>()
  for (const name of selection) {
    const found = all.filter((it) => it.pipeline === name || datasetRef(it) === name)
    if (found.length === 0)
      throw unknown(name, [...project.pipelines.map((it) => it.name), ...all.map(datasetRef)])
    for (const it of found) wanted.add(it)
  }
  return all.filter((it) => wanted.has(it))
}

/** @throws {ConfigError} E301 */
export function selectPipelines(project: ProjectSpec, selection: Selection): PipelineSpec[] {
  const names = project.pipelines.map((it) => it.name)
  const missing = selection.find((it) => !names.includes(it))
  if (missing !== undefined) throw unknown(missing, names)
  return project.pipelines.filter((it) => selection.length === 0 || selection.includes(it.name))
}

function unknown(name: string, names: string[]): ConfigError {
  return new ConfigError('E301', {
    problem: `There is no pipeline or dataset "${name}".`,
    remedy: `${didYouMean(name, names)}polder status lists what there is.`,
  })
}
