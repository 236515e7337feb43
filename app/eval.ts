import { shapeOf } from '../connectors/index.ts'
import type { DatasetFacts, Field } from '../core/field.ts'
import { looseText } from '../core/place.ts'
import type { EvalReport } from '../core/report.ts'
import type { Json } from '../core/value.ts'
import * as pipelines from '../pipelines/index.ts'

/** What findings call the expression: it stands in no file. */
export const EXPRESSION = '<expression>'

/**
 * Tries an expression on JSON values, outside any project: without time zone, key and `$ref`.
 * @param inputs one evaluation for each; undefined stands for no input
 * @throws {ConfigErrors} the expression has errors
 */
export const evalOnJson = (expression: string, inputs: (Json | undefined)[]): Promise<EvalReport> =>
  pipelines.evalOnJson(looseText(expression, EXPRESSION), inputs, factsOf(inputs))

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
