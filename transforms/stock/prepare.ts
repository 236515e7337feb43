import type jsonata from 'jsonata'
import { looseText } from '../../core/place.ts'
import { parse } from '../parse.ts'
import { type PrepareInput, prepare, prepareGuarded, type RowContext } from '../prepared.ts'
import type { ReferenceInput } from '../reference-check.ts'
import { reporter } from '../report.ts'
import type { StockSpec } from './protocol.ts'

export interface StockExpression {
  begin?: number
  plain: jsonata.Expression
  /** Refuses to order the row's long numbers. */
  guarded(): jsonata.Expression
}

/** Parses an expression and puts Polder's functions into its tree. Its problems were told when it was compiled. */
export function prepareStock(spec: StockSpec, row: RowContext): StockExpression {
  const report = reporter(looseText(spec.text), [])
  const input: PrepareInput = { mapping: mappingOf(spec), row, scale: spec.scale, report, zone: spec.zone }
  let guarded: jsonata.Expression | undefined
  return {
    begin: spec.begin,
    plain: prepare(parse(spec.text), input).expression,
    guarded: () => {
      guarded ??= prepareGuarded(spec.text, input).expression
      return guarded
    },
  }
}

/** That there is an `each` is all that references ask of it. */
const mappingOf = ({ text, dataset, refs }: StockSpec): ReferenceInput => ({
  dataset: {
    ...dataset,
    targets: dataset.targets.map(({ as, each }) => ({ as, ...(each ? { each: looseText(text) } : {}) })),
  },
  target: (ref) => (Object.hasOwn(refs, ref) ? refs[ref] : undefined),
  datasets: Object.keys(refs),
})
