import type { Expr, Verdict } from '../../core/expr.ts'
import type { PartQuery, RejectQuery } from '../../core/warehouse.ts'
import { and, isLiteral, not, or, truth } from './build.ts'
import type { SaidMapping } from './say-mapping.ts'
import type { SaidTarget } from './say-target.ts'

export interface SaidParts {
  /** By unified table. */
  parts: Map<string, PartQuery>
  /** What must hold of a row; empty where SQL says every row. */
  guards: RejectQuery['guards']
  sourceId: Expr
}

/** A mapping of which SQL says all, as one query per unified table; undefined where it leaves something to JavaScript. */
export function partQueries(said: SaidMapping, relation: string): SaidParts | undefined {
  if (!isSaid(said)) return undefined
  const scope = scopeOf(said)
  const guard = wholeGuard(said)
  const guards = isLiteral(guard, true) ? [] : guardsOf(said)
  const sourceId = exprOf(said.key)
  const parts = new Map<string, PartQuery>()
  for (const target of said.targets) {
    const query = parts.get(target.table) ?? {
      relation,
      sourceId,
      rows: [],
      ...(guards.length > 0 && { guard }),
      ...(!isLiteral(scope, true) && { scope }),
    }
    query.rows.push({ made: exprOf(target.made), columns: columnsOf(target) })
    parts.set(target.table, query)
  }
  return { parts, guards, sourceId }
}

export interface SaidPlace {
  /** `key`, `where`, `party.birth_date`. */
  place: string
  said: Verdict
  target?: number
  column?: string
}

/** All verdicts of a mapping, with the place in the YAML that each is about. */
export const verdictsOf = (said: SaidMapping): SaidPlace[] => [
  { place: 'key', said: said.key },
  ...(said.where ? [{ place: 'where', said: said.where }] : []),
  ...(said.deletes ? [{ place: 'deletes', said: said.deletes }] : []),
  ...said.targets.flatMap((target) => [
    ...target.columns.map(({ name, said }) => ({
      place: `${nameOf(target)}.${name}`,
      said,
      target: target.spec,
      column: name,
    })),
    { place: nameOf(target), said: target.made, target: target.spec },
    { place: `${nameOf(target)}.id`, said: target.id, target: target.spec },
  ]),
]

const nameOf = ({ table, as }: SaidTarget): string => (as === undefined ? table : `${table} as ${as}`)

export const isSaid = (said: SaidMapping): boolean =>
  verdictsOf(said).every((it) => isUsable(it.said, said.doubles))

const scopeOf = ({ where, deletes }: SaidMapping): Expr =>
  and(...(where ? [exprOf(where)] : []), ...(deletes ? [not(exprOf(deletes))] : []))

/** Exact, guarded, or close where the dataset takes that. */
export const isUsable = ({ verdict }: Verdict, doubles: SaidMapping['doubles']): boolean =>
  verdict === 'close' ? doubles === 'close' : verdict !== 'not'

export function columnsOf(target: SaidTarget): { name: string; value: Expr }[] {
  const columns = target.columns.map(({ name, said }) => ({ name, value: exprOf(said) }))
  return [{ name: 'id', value: exprOf(target.id) }, ...columns]
}

/** That of a target's rows covers its columns. */
export function wholeGuard(said: SaidMapping): Expr {
  const scope = scopeOf(said)
  const always = [said.key, said.where, said.deletes].flatMap((it) => (it ? guardOf(it) : []))
  const ofTargets = said.targets.flatMap((target) => [
    ...guardOf(target.made),
    ...guardOf(target.id).map((holds) => or(not(exprOf(target.made)), holds)),
  ])
  return and(...always, or(not(scope), and(...ofTargets)))
}

/** Those of single columns first: they say best what is in the way. */
function guardsOf(said: SaidMapping): RejectQuery['guards'] {
  const scope = scopeOf(said)
  const always = [said.key, said.where, said.deletes].flatMap((it) => (it ? guardOf(it) : []))
  const inScope = (holds: Expr): Expr => or(not(scope), holds)
  return [
    ...always.map((holds) => ({ holds })),
    ...said.targets.flatMap((target) => {
      const where = (holds: Expr) => inScope(or(not(exprOf(target.made)), holds))
      return [
        ...target.columns.flatMap(({ name, said }) =>
          guardOf(said).map((holds) => ({ table: target.table, column: name, holds: where(holds) })),
        ),
        ...guardOf(target.id).map((holds) => ({ table: target.table, column: 'id', holds: where(holds) })),
        ...guardOf(target.made).map((holds) => ({ table: target.table, holds: inScope(holds) })),
      ]
    }),
  ].filter(({ holds }) => !isLiteral(holds, true))
}

/** A close form is only close where its guard holds. */
export const guardOf = (it: Verdict): Expr[] =>
  (it.verdict === 'guarded' || it.verdict === 'close') && !isLiteral(it.guard, true) ? [it.guard] : []

export function exprOf(it: Verdict): Expr {
  return it.verdict === 'not' ? truth(false) : it.expr
}
