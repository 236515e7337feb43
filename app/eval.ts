import { withFunctions } from '../config/index.ts'
import { shapeOf } from '../connectors/index.ts'
import type { DatasetFacts, Field } from '../core/field.ts'
import { looseText } from '../core/place.ts'
import type { EvalReport } from '../core/report.ts'
import type { DatasetSpec, ProjectSpec } from '../core/spec.ts'
import type { Json } from '../core/value.ts'
import type { WarehouseSession } from '../core/warehouse.ts'
import * as pipelines from '../pipelines/index.ts'

/** What findings call the expression: it stands in no file. */
const EXPRESSION = '<expression>'

/**
 * Tries an expression on JSON values, outside any project: without time zone, key and `$ref`.
 * @param inputs one evaluation for each; undefined stands for no input
 * @throws {ConfigErrors} the expression has errors
 */
export async function evalOnJson(expression: string, inputs: (Json | undefined)[]): Promise<EvalReport> {
  const source = looseText(expression, EXPRESSION)
  return { expression, ...(await pipelines.evalOnJson(source, inputs, factsOf(inputs))) }
}

/** Tries an expression on the first rows of a dataset; it may call the functions of the project's `transforms/`. */
export async function evalOnDataset(
  project: ProjectSpec,
  dataset: DatasetSpec,
  sources: pipelines.Sources,
  expression: string,
  ask: { rows: number; signal?: AbortSignal; session(): Promise<WarehouseSession> },
): Promise<EvalReport> {
  const functions = project.functions.map(({ name, written }) => ({ name, source: written }))
  const source = withFunctions(looseText(expression, EXPRESSION), functions)
  return { expression, ...(await pipelines.evalOnDataset(project, dataset, sources, source, ask)) }
}

/** Objects are taken for a sample: their names and kinds are known, as those of a file of JSON lines. */
function factsOf(inputs: (Json | undefined)[]): DatasetFacts | undefined {
  const { fields = {} } = shapeOf(inputs.filter((it) => it !== undefined))
  if (!inputs.every(isObject)) return undefined
  const known = Object.entries(fields).map(
    ([name, shape]): Field => ({ name, type: 'json', sourceType: 'json', nullable: true, shape }),
  )
  const schema = { fields: known, open: true, sampled: inputs.length }
  return { from: '', schema, key: [], keyProven: false, kind: 'file' }
}

const isObject = (it: Json | undefined): boolean =>
  typeof it === 'object' && it !== null && !Array.isArray(it)
