import type { ColumnFacts, Expr, JsonGiven } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import {
  and,
  compare,
  inList,
  isMissing,
  not,
  or,
  surely,
  text,
  truth,
  unary,
  unlessMissing,
  where,
} from './build.ts'
import { computed, type JsonReading, type Term } from './term.ts'

/**
 * A path into a JSON column. A member may be of any type, so the guard asks for the one that its use takes: text where
 * nothing says otherwise. A list on the way would give a list.
 */
export function sayJsonPath(column: ColumnFacts, path: string[], node: Node): Term {
  const steps = path.map((_, at) => given(column, path.slice(0, at), 'type'))
  const onTheWay = steps.map((it) => unlessMissing(compare(it, '<>', text('array'))))
  const type = given(column, path, 'type')
  const as = (reading: JsonReading): Term => {
    const { types, expr, is, checks = [] } = READINGS[reading](column, path, type)
    const fits = or(isMissing(type), surely(inList(type, ['null', ...types].map(text))))
    return computed(expr, is, node, [], [...onTheWay, fits, ...checks])
  }
  return { ...as('text'), json: as }
}

const given = (column: ColumnFacts, path: string[], give: JsonGiven): Expr => ({
  op: 'json',
  column: column.name,
  path,
  give,
  kind: KINDS[give],
  nullable: true,
  ...(give === 'type' && { ascii: true, bytes: 7 }),
})

const KINDS = { type: 'text', text: 'text', number: 'decimal', boolean: 'boolean' } as const

interface Read {
  /** Of the member, beside `null`. */
  types: string[]
  expr: Expr
  is: Term['is']
  checks?: Expr[]
}

const READINGS: Record<JsonReading, (column: ColumnFacts, path: string[], type: Expr) => Read> = {
  text: (column, path) => ({ types: ['string'], expr: given(column, path, 'text'), is: 'text' }),
  number: (column, path) => {
    const expr = given(column, path, 'number')
    return {
      types: ['number'],
      expr,
      is: 'carried',
      checks: [unlessMissing(unary('isFinite', expr, 'boolean'))],
    }
  },
  boolean: (column, path) => ({ types: ['boolean'], expr: given(column, path, 'boolean'), is: 'boolean' }),
  presence: (_column, _path, type) => {
    const isThere = and(surely(compare(type, '<>', text('null'))), not(isMissing(type)))
    return {
      types: ['string', 'number', 'boolean', 'object'],
      expr: where(isThere, truth(true)),
      is: 'boolean',
    }
  },
}
