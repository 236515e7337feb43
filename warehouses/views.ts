import type { UnifiedTable } from '../core/unified.ts'
import type { DdlStep, Part } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { PartTable, SqlDialect } from './engine.ts'
import { hashOf, type Ledger } from './ledger.ts'
import type { Selects } from './part-selects.ts'
import { emptyBranch } from './part-view.ts'
import { describeStep, type StoredColumn, slotStep } from './parts.ts'

export interface ViewAsk {
  dialect: SqlDialect
  control: Control
  schema: string
  internal: string
  table: UnifiedTable
  parts: Part[]
  /** What they select; a part that is not here is read by its view. */
  selects: Selects
}

export const viewStep = (table: UnifiedTable): string => `create view ${table.name}`
export const pointStep = (table: UnifiedTable): string => `point ${table.name} to its slots`

/** @param stored  the columns that the view has now; empty where there is none */
export function viewSteps(ask: ViewAsk, stored: StoredColumn[], ledger: Ledger): DdlStep[] {
  const { dialect, schema, table } = ask
  const name = dialect.relation(schema, table.name)
  const sql = replaced(dialect, name, selectParts(ask), stored, table)
  const steps: DdlStep[] = [
    { name: viewStep(table), sql, always: stored.length === 0 || sql.startsWith('drop') },
  ]
  const view: PartTable = {
    relation: name,
    name: table.name,
    columns: table.columns,
    sliced: false,
    description: table.description,
  }
  const comments = dialect.describe('view', name, view)
  if (comments.length > 0)
    steps.push({
      name: describeStep('view', table.name),
      sql: comments.join(';\n'),
      always: steps[0]!.always,
    })
  steps.push(...pointers(ask))
  return steps.filter((it) => it.always || ledger.get(it.name) !== hashOf(it.sql))
}

/** `create or replace` may only add columns at the end in PostgreSQL; otherwise the view is made anew. */
function replaced(
  dialect: SqlDialect,
  name: string,
  select: string,
  stored: StoredColumn[],
  table: UnifiedTable,
): string {
  const fits = stored.every(
    (it, i) => it.name === table.columns[i]?.name && it.type === dialect.storedType(table.columns[i].type),
  )
  const create = `create or replace view ${name} as ${select}`
  return fits || !dialect.viewsAreFixed ? create : `drop view if exists ${name};\n${create}`
}

function selectParts(ask: ViewAsk): string {
  const { dialect, internal, table, parts, selects } = ask
  const slices = new Set<string>()
  const branches = parts.flatMap((part) => {
    const { form } = part
    const relation = dialect.relation(internal, form.relation)
    if (form.kind === 'view') return [selects.get(part) ?? viewBranch(dialect, relation, table)]
    if (form.kind === 'table') return [tableBranch(dialect, relation, table)]
    if (slices.has(relation)) return []
    slices.add(relation)
    return [sliceBranch(ask, relation)]
  })
  return branches.length > 0 ? branches.join(' union all ') : emptyBranch(dialect, table, dialect.cast)
}

// Branches of unlike types would make every lookup in the union a scan of all parts.
function tableBranch(dialect: SqlDialect, relation: string, table: UnifiedTable): string {
  const columns = table.columns.map(({ name, type }) => {
    const column = dialect.quote(name)
    return `${dialect.cast(type, `p.${column}`)} as ${column}`
  })
  return `select ${columns.join(', ')} from ${relation} as p where p.deleted_at is null`
}

/** It gives every column in its declared type already. */
function viewBranch(dialect: SqlDialect, relation: string, table: UnifiedTable): string {
  const columns = table.columns.map(({ name }) => `p.${dialect.quote(name)} as ${dialect.quote(name)}`)
  return `select ${columns.join(', ')} from ${relation} as p`
}

// A slice's table was made with the declared types; a cast would hide the key from the planner.
function sliceBranch({ dialect, control, table }: ViewAsk, relation: string): string {
  const columns = table.columns.map(({ name }) => `p.${dialect.quote(name)} as ${dialect.quote(name)}`)
  return (
    `select ${columns.join(', ')} from ${control.slots} as l join ${relation} as p on p.slot = l.slot ` +
    `where l.unified_table = ${dialect.literal(table.name)} and l.live = 1 and p.deleted_at is null`
  )
}

/** Slices become live by data, not by DDL: all in one statement. */
function pointers({ dialect, control, table, parts }: ViewAsk): DdlStep[] {
  const slots = parts.flatMap(({ form }) => (form.kind === 'slice' ? [form.slot] : []))
  if (slots.length === 0) return []
  const live = `case when slot in (${slots.sort((a, b) => a - b).join(', ')}) then 1 else 0 end`
  const where = `where unified_table = ${dialect.literal(table.name)}`
  // Slots that are not registered yet would stay invisible.
  const registered = slots.map((slot) => slotStep(dialect, control, table.name, slot))
  return [
    ...registered,
    { name: pointStep(table), sql: `update ${control.slots} set live = ${live} ${where}` },
  ]
}
