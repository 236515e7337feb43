import { ConfigErrors } from '../../core/errors.ts'
import type { DatasetFacts, Field } from '../../core/field.ts'
import type { MappingInput } from '../../core/mapping.ts'
import { looseText, type SourceText } from '../../core/place.ts'
import type { EvalReport, EvalRow } from '../../core/report.ts'
import type { Json, Row } from '../../core/value.ts'
import { type Tried, tryExpression } from '../../transforms/index.ts'

/**
 * An expression on JSON values that belong to no project, so without zone, key and `$ref`.
 * @param inputs undefined stands for no input
 * @param facts what is known of them, where all of them are objects: they are then rows
 * @throws {ConfigErrors} the expression has errors
 */
export async function evalOnJson(
  source: SourceText,
  inputs: (Json | undefined)[],
  facts?: DatasetFacts,
): Promise<Omit<EvalReport, 'expression'>> {
  const tried = tryExpression(source, nowhere(facts), facts ? 'row' : 'value')
  const { expression, problems } = tried
  if (!expression) throw new ConfigErrors(problems)
  const rows: EvalRow[] = []
  for (const it of inputs) rows.push(await (facts ? onObject(tried, it as Row) : tried.onValue(it)))
  return { ...expression, rows, problems }
}

/** As a row of JSON, so that everything holds that holds for rows. */
function onObject(tried: Tried, object: Row): Promise<EvalRow> {
  const fields = Object.keys(object).map(jsonField)
  const columns = Object.values(object).map((it) => [it])
  const payload = { form: 'columns' as const, columns }
  return tried.onRow({ schema: { fields }, rows: 1, bytes: 0, range: '0', seq: 0, payload }, columns, 0)
}

const jsonField = (name: string): Field => ({ name, type: 'json', sourceType: 'json', nullable: true })

function nowhere(facts: DatasetFacts | undefined): MappingInput {
  const at = looseText('').place()
  return {
    dataset: { pipeline: '', name: '', connection: '', from: '', fromAt: at, load: 'auto', targets: [], at },
    facts,
    key: [],
    tables: [],
    target: () => undefined,
    datasets: [],
  }
}
