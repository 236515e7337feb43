import type { Expr, JsonGiven, JsonPath } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import {
  and,
  choose,
  compare,
  inList,
  integer,
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
import type { JsonMember } from './json-member.ts'
import { computed, type JsonReading, type Term } from './term.ts'

/**
 * A path into a JSON column. A member may be of any type, so the guard asks for the one that its use takes: text where
 * nothing says otherwise. A list on the way would give a list.
 */
export function sayJsonPath({ column, path }: JsonMember, node: Node): Term {
  const type = given(column, path, 'type')
  const as = (reading: JsonReading): Term => {
    const { types, expr, is, checks = [] } = READINGS[reading](column, path, type)
    const fits = or(isMissing(type), surely(inList(type, ['null', ...types].map(text))))
    return computed(expr, is, node, [], [...onTheWay(column, path), fits, ...checks])
  }
  return { ...as('text'), json: as }
}

/** Items of a list; what is no list counts as one, what is missing as none. */
export function sayJsonCount({ column, path }: JsonMember, node: Node): Term {
  const type = given(column, path, 'type')
  const facts = { max: 2 ** 31, least: 1, scale: 0 }
  const none = or(isMissing(type), surely(compare(type, '=', text('null'))))
  const branches = [
    { when: none, give: integer(0) },
    { when: surely(compare(type, '=', text('array'))), give: given(column, path, 'count') },
  ]
  const count = choose(branches, integer(1))
  return computed({ ...count, ...facts, nullable: false }, 'number', node, [], onTheWay(column, path))
}

/** Below a name there is no list; below a place in a list there is one, without a null up to there: JavaScript leaves nulls out. */
function onTheWay(column: string, path: JsonPath): Expr[] {
  return path.flatMap((step, at) => {
    const above = path.slice(0, at)
    const type = given(column, above, 'type')
    if (typeof step === 'string') return [unlessMissing(compare(type, '<>', text('array')))]
    const before = Array.from({ length: step + 1 }, (_, place) =>
      unlessMissing(compare(given(column, [...above, place], 'type'), '<>', text('null'))),
    )
    return [unlessMissing(inList(type, ['array', 'null'].map(text))), ...before]
  })
}

const given = (column: string, path: JsonPath, give: JsonGiven): Expr => ({
  op: 'json',
  column,
  path,
  give,
  kind: KINDS[give],
  nullable: true,
  ...(give === 'type' && { ascii: true, bytes: 7 }),
})

const KINDS = { count: 'integer', type: 'text', text: 'text', number: 'decimal', boolean: 'boolean' } as const

interface Read {
  /** Of the member, beside `null`. */
  types: string[]
  expr: Expr
  is: Term['is']
  checks?: Expr[]
}

const READINGS: Record<JsonReading, (column: string, path: JsonPath, type: Expr) => Read> = {
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
