import type { Expr } from '../../core/expr.ts'
import type { Place } from '../../core/place.ts'
import type { DatasetSpec, ProjectSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import {
  isUsable,
  type LookupLists,
  type SaidMapping,
  type SaidParts,
  verdictsOf,
} from '../../transforms/index.ts'
import type { Prepared } from './prepare.ts'
import { canOnlyBeCounted } from './repeated-keys.ts'
import type { Obstacle } from './road.ts'

interface Unsaid extends Obstacle {
  /** Only the dataset's word is missing. */
  isClose?: true
}

/** The expressions that have no form that the dataset takes, with the place of each. */
export function unsaidOf(
  mapping: SaidMapping,
  dataset: DatasetSpec,
  session: WarehouseSession,
  lists?: LookupLists,
): Obstacle[] {
  const found = verdictsOf(mapping).flatMap(({ place, said, target, column }): Unsaid[] => {
    const at = placeOf(dataset, place, target, column, said.verdict === 'not' ? said.at : undefined)
    const obstacle = (because: string) => [{ what: place, because, ...(at && { at }) }]
    if (said.verdict === 'not') return obstacle(said.because)
    for (const expr of [said.expr, ...(said.verdict === 'exact' ? [] : [said.guard])]) {
      const printed = session.print(expr)
      if ('not' in printed) return obstacle(printed.not)
    }
    return isUsable(said, mapping.doubles) ? [] : [{ ...obstacle(said.because)[0]!, isClose: true }]
  })
  for (const { name, of } of aggregated(lists)) {
    const printed = session.print(of)
    if ('not' in printed) found.push({ what: `with.${name}`, because: printed.not })
  }
  // Beside another obstacle the word would open no road.
  const remedy = found.every((it) => it.isClose) ? '; doubles: close takes it all the same' : ''
  const told = found.map(({ isClose, ...it }) => (isClose ? { ...it, because: it.because + remedy } : it))
  return unique(told, (it) => `${it.because} ${it.at?.line}`)
}

/** What is computed of each row of the lists. */
const aggregated = (lists: LookupLists = new Map()): { name: string; of: Expr }[] =>
  [...lists].flatMap(([name, { aggregates }]) => aggregates.flatMap(({ of }) => (of ? [{ name, of }] : [])))

/** Each told once: a row that is not said has columns that are not, for the same reason. */
function unique(found: Obstacle[], mark: (it: Obstacle) => string): Obstacle[] {
  const told = new Set<string>()
  return found.filter((it) => !told.has(mark(it)) && told.add(mark(it)))
}

function placeOf(
  dataset: DatasetSpec,
  place: string,
  target: number | undefined,
  column: string | undefined,
  span: { from: number; to: number } | undefined,
): Place | undefined {
  if (place === 'where') return dataset.where?.place(span?.from, span?.to)
  if (place === 'deletes') return dataset.deletes?.place(span?.from, span?.to)
  if (target === undefined) return dataset.keyAt ?? dataset.at
  const spec = dataset.targets[target]!
  const mapping = spec.columns.find((it) => it.column === column)
  if (mapping && 'expression' in mapping.value) return mapping.value.expression.place(span?.from, span?.to)
  return mapping?.at ?? spec.at
}

/** A view has no history, no marks and no contract of its own. */
export function unviewableOf(project: ProjectSpec, prepared: Prepared): Obstacle[] {
  const { dataset } = prepared
  const found: Obstacle[] = []
  const add = (what: string, because: string, at?: Place) => found.push({ what, because, ...(at && { at }) })
  if (!isKeyProven(prepared) && !canOnlyBeCounted(prepared))
    add('key', 'the source does not prove that its key comes once', dataset.keyAt ?? dataset.at)
  for (const it of dataset.targets) {
    if (project.tables.find(({ name }) => name === it.table)?.history === 'append')
      add(it.table, 'this table keeps a history, and a view has none', it.at)
  }
  if (dataset.start !== undefined)
    add('start', 'a view shows all rows, not those from a mark on', dataset.startAt)
  if (dataset.deletesBySource) add('deletes: source', 'a view shows what is there', dataset.deletesBySource)
  if (dataset.contract === 'discard_row' || dataset.contract === 'discard_value')
    add(`contract: ${dataset.contract}`, 'a view holds its rows to no contract', dataset.at)
  return found
}

export const isKeyProven = ({ facts, key }: Prepared): boolean =>
  facts?.keyProven === true && isKeyOf(key, facts.key)

const isKeyOf = (key: string[], proven: string[]): boolean =>
  proven.length > 0 && proven.every((it) => key.includes(it))

/** Views are read in the sessions of others: what they give may not depend on settings, nor fail on a row. */
export function sessionObstacles(
  { parts, guards, sourceId }: SaidParts,
  session: WarehouseSession,
  lists?: LookupLists,
): Obstacle[] {
  const found: Obstacle[] = []
  const test = (what: string, expr: Expr) => {
    const printed = session.print(expr)
    if ('sql' in printed && !printed.sessionIndependent)
      found.push({ what, because: "what it gives depends on settings of the reader's session" })
  }
  test('key', sourceId)
  for (const { name, of } of aggregated(lists)) test(`with.${name}`, of)
  for (const { table, column, holds } of guards)
    test([table, column].filter(Boolean).join('.') || 'key', holds)
  for (const [table, query] of parts)
    for (const row of query.rows) for (const { name, value } of row.columns) test(`${table}.${name}`, value)
  return unique(found, (it) => it.what)
}
