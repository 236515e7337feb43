import type jsonata from 'jsonata'
import type { MappingInput } from '../../core/mapping.ts'
import { looseText } from '../../core/place.ts'
import { shorten } from '../../core/row-id.ts'
import { rewriteDecimals } from '../decimal.ts'
import { exactOperations } from '../decimal-math.ts'
import { Misfit } from '../misfit.ts'
import { guardedSort, guardOrdering, ORDERED, refuseLong } from '../ordering.ts'
import { parse } from '../parse.ts'
import { REF, type Reference, referredId, SELF } from '../reference.ts'
import { rewriteReferences } from '../reference-check.ts'
import { reporter } from '../report.ts'
import type { StockSpec } from './protocol.ts'

/** What the functions of an expression need to know of the row in hand. */
export interface StockRow {
  self: string
  longs: Set<string>
}

export interface Prepared {
  plain: jsonata.Expression
  /** Refuses to order the row's long numbers. */
  guarded(): jsonata.Expression
}

/** Parses an expression and puts Polder's functions into its tree. */
export function prepareStock(spec: StockSpec, row: StockRow): Prepared {
  let guarded: jsonata.Expression | undefined
  return {
    plain: prepare(spec, row, false),
    guarded: () => {
      guarded ??= prepare(spec, row, true)
      return guarded
    },
  }
}

function prepare(spec: StockSpec, row: StockRow, guards: boolean): jsonata.Expression {
  const { expression, ast } = parse(spec.text)
  // Its problems were told when the mapping was compiled.
  const report = reporter(looseText(spec.text), [])
  rewriteDecimals(ast, report, spec.scale)
  const references: Reference[] = rewriteReferences(ast, mappingOf(spec), report)
  for (const [name, operation] of Object.entries(exactOperations)) expression.assign(name, operation)
  expression.assign(REF, (at: number, ...keys: unknown[]) => referredId(references[at]!, keys))
  expression.assign(SELF, (suffix: string) => shorten(row.self + suffix))
  expression.assign('eval', refuseEval)
  expression.assign(ORDERED, (value: unknown) => refuseLong(value, row.longs))
  if (guards) {
    guardOrdering(ast)
    expression.assign('sort', guardedSort(row.longs))
  }
  return expression
}

const mappingOf = ({ dataset, refs }: StockSpec): MappingInput =>
  ({
    dataset: {
      ...dataset,
      targets: dataset.targets.map(({ as, each }) => ({ as, each: each || undefined })),
    },
    target: (ref: string) => (Object.hasOwn(refs, ref) ? refs[ref] : undefined),
    datasets: Object.keys(refs),
  }) as unknown as MappingInput

/** The check refuses `$eval` by its name; this is for any other way to it. */
function refuseEval(): never {
  throw new Misfit('E503', 'the expression failed: $eval is switched off')
}
