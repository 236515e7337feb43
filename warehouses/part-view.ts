import type { Expr, Printed } from '../core/expr.ts'
import type { UnifiedColumn, UnifiedTable } from '../core/unified.ts'
import type { DatasetRef, DdlStep, Part, PartQuery, RejectQuery } from '../core/warehouse.ts'
import type { SqlDialect } from './engine.ts'
import { bug } from './errors.ts'
import { hashOf, type Ledger } from './ledger.ts'
import type { StoredColumn } from './parts.ts'

export interface PartViewAsk {
  dialect: SqlDialect
  schema: string
  internal: string
  part: Part
  table: UnifiedTable
  /** See `selectPart`. */
  select: string
}

/** What the select of a part is made of. */
export interface SelectAsk {
  dialect: SqlDialect
  print(expr: Expr): Printed
  source: DatasetRef
  table: UnifiedTable
  query: PartQuery
}

export const partViewStep = (name: string): string => `create part view ${name}`
export const rejectViewStep = (name: string): string => `create reject view ${name}`

/**
 * DDL for a part that is a view.
 * @param stored  the columns that it has now; empty where there is none
 */
export function partViewSteps(ask: PartViewAsk, stored: StoredColumn[], ledger: Ledger): DdlStep[] {
  const { dialect, schema, internal, part, table, select } = ask
  const relation = dialect.relation(internal, part.form.relation)
  const create = `create or replace view ${relation} as ${select}`
  // What stands on it goes first, and is made anew behind it, since its columns are others too.
  const sql =
    dialect.viewsAreFixed && stored.length > 0 && !fits(ask, stored)
      ? `drop view if exists ${dialect.relation(schema, table.name)};\ndrop view ${relation};\n${create}`
      : create
  const step = { name: partViewStep(part.form.relation), sql, always: stored.length === 0 }
  return step.always || ledger.get(step.name) !== hashOf(sql) ? [step] : []
}

const fits = ({ dialect, table }: PartViewAsk, stored: StoredColumn[]): boolean =>
  stored.length === table.columns.length &&
  stored.every(
    (it, i) => it.name === table.columns[i]!.name && it.type === dialect.storedType(table.columns[i]!.type),
  )

/** Every branch gives all columns of the table, in its order and in their declared types. */
export function selectPart({ dialect, print, source, table, query }: SelectAsk): string {
  const say = printed(print)
  const { guard, scope, sourceId, rows, relation } = query
  const fixed = new Map([
    ['source', say(plain(source.pipeline))],
    ['source_object', say(plain(source.dataset))],
    ['source_id', say(sourceId)],
  ])
  const branches = rows.map(({ made, columns }) => {
    const values = new Map(columns.map((it) => [it.name, it.value]))
    const select = ({ name, type }: UnifiedColumn) => {
      const value = values.get(name)
      const sql = value ? say(value) : (fixed.get(name) ?? 'null')
      return `${dialect.declared(type, sql, value)} as ${dialect.quote(name)}`
    }
    const conditions = [guard, scope, made].flatMap((it) => (it && !isTrue(it) ? [say(it)] : []))
    const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
    return `select ${table.columns.map(select).join(', ')} from ${relation}${where}`
  })
  if (dialect.asksByRow?.(table, query)) branches.push(emptyBranch(dialect, table, dialect.declared))
  return branches.join(' union all ')
}

/** No rows, in the columns' types. */
export function emptyBranch(
  { quote }: SqlDialect,
  table: UnifiedTable,
  typed: (type: UnifiedColumn['type'], sql: string) => string,
): string {
  const columns = table.columns.map(({ name, type }) => `${typed(type, 'null')} as ${quote(name)}`)
  return `select ${columns.join(', ')} from (select 1 as one) as nothing where 1 = 0`
}

/** The part's query whole, and filtered by each column that it fills, for the engine to tell how it would answer them. */
export function filteredParts(ask: SelectAsk): { whole: string; filtered: Map<string, string> } {
  const { dialect, table, query } = ask
  const whole = selectPart(ask)
  const filled = new Set(query.rows.flatMap((it) => it.columns.map(({ name }) => name)))
  const filtered = new Map<string, string>()
  for (const { name, type } of table.columns) {
    if (!filled.has(name) || SAMPLES[type.kind] === undefined) continue
    const sample = dialect.declared(type, SAMPLES[type.kind]!)
    filtered.set(name, `select * from (${whole}) as p where ${dialect.quote(name)} = ${sample}`)
  }
  return { whole, filtered }
}

/** A value of each kind of column, to ask for. */
const SAMPLES: Partial<Record<UnifiedColumn['type']['kind'], string>> = {
  id: "'x'",
  text: "'x'",
  integer: '1',
  decimal: '1',
  double: '1',
  boolean: 'true',
  date: "'2000-01-01'",
  timestamp: "'2000-01-01 00:00:00'",
}

const plain = (value: string): Expr => ({ op: 'literal', value, kind: 'text', nullable: false })

const isTrue = (expr: Expr): boolean => expr.op === 'literal' && expr.value === true

/** Lists the source rows that a dataset's part views leave out, each with the first place that is in its way. */
export function rejectViewSteps(
  ask: Pick<SelectAsk, 'dialect' | 'print'> & { internal: string; query: RejectQuery },
  stored: StoredColumn[],
  ledger: Ledger,
): DdlStep[] {
  const { dialect, print, internal, query } = ask
  const say = printed(print)
  const first = (pick: (it: RejectQuery['guards'][number]) => string | undefined): string => {
    const branches = query.guards.map((it) => {
      const found = pick(it)
      return `when ${say(it.holds)} is not true then ${found === undefined ? 'null' : dialect.literal(found)}`
    })
    return dialect.declared({ kind: 'text' }, `case ${branches.join(' ')} end`)
  }
  const columns = [
    `${dialect.declared({ kind: 'id' }, say(query.sourceId))} as ${dialect.quote('source_id')}`,
    `${first((it) => it.table)} as ${dialect.quote('table_name')}`,
    `${first((it) => it.column)} as ${dialect.quote('column_name')}`,
  ]
  const left = query.guards.map((it) => `${say(it.holds)} is not true`).join(' or ')
  const sql = `create or replace view ${dialect.relation(internal, query.name)} as select ${columns.join(', ')} from ${query.relation} where ${left}`
  const step = { name: rejectViewStep(query.name), sql, always: stored.length === 0 }
  return step.always || ledger.get(step.name) !== hashOf(sql) ? [step] : []
}

const printed =
  (print: SelectAsk['print']) =>
  (expr: Expr): string => {
    const it = print(expr)
    if ('not' in it) throw bug(`An expression of a part cannot be printed: ${it.not}.`)
    return it.sql
  }
