import { ConfigError } from '../core/errors.ts'
import { columnTypeText, type UnifiedTable } from '../core/unified.ts'
import type { DdlStep, Part } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { PartTable, SqlDialect } from './engine.ts'
import { hashOf, type Ledger } from './ledger.ts'

export interface StoredColumn {
  name: string
  type: string
}

export const VERSION_COLUMN = '_version'

export const partSource = ({ source }: Part): string => `${source.pipeline}.${source.dataset}`

export const describeStep = (kind: 'part' | 'view', name: string): string => `describe ${kind} ${name}`

/** What the part's table must be. */
export function partTable(dialect: SqlDialect, internal: string, part: Part, table: UnifiedTable): PartTable {
  const sliced = part.form.kind === 'slice'
  return {
    relation: dialect.relation(internal, part.form.relation),
    name: part.form.relation,
    columns: table.columns,
    sliced,
    description: `${table.description} (${sliced ? `all copied parts of ${table.name}` : `the part of ${partSource(part)}`})`,
  }
}

/**
 * @param stored  the columns that the relation has now; empty where there is none
 * @throws {ConfigError} E305 a stored column has another type than the declared one
 */
export function partSteps(
  dialect: SqlDialect,
  control: Control,
  wanted: PartTable,
  part: Part,
  stored: StoredColumn[],
  ledger: Ledger,
): DdlStep[] {
  const steps = stored.length === 0 ? created(dialect, wanted) : grown(dialect, wanted, stored)
  const comments = dialect.describe('table', wanted.relation, wanted)
  if (comments.length > 0) steps.push({ name: describeStep('part', wanted.name), sql: comments.join(';\n') })
  if (part.form.kind === 'slice') steps.push(slotStep(dialect, control, part.table, part.form.slot))
  return steps.filter((it) => it.always || stored.length === 0 || ledger.get(it.name) !== hashOf(it.sql))
}

const created = (dialect: SqlDialect, wanted: PartTable): DdlStep[] =>
  dialect.createPart(wanted).map((sql) => ({
    name: `create part ${wanted.name}`,
    sql,
    always: true,
  }))

export const indexSteps = (dialect: SqlDialect, wanted: PartTable): DdlStep[] =>
  dialect.indexPart(wanted).map((sql) => ({ name: `index part ${wanted.name}`, sql, always: true }))

function grown(dialect: SqlDialect, wanted: PartTable, stored: StoredColumn[]): DdlStep[] {
  const types = new Map(stored.map((it) => [it.name, it.type]))
  const steps: DdlStep[] = []
  for (const column of wanted.columns) {
    const type = types.get(column.name)
    if (type === undefined)
      steps.push({
        name: `add column ${wanted.name}.${column.name}`,
        sql: dialect.addColumn(wanted.relation, column),
        always: true,
      })
    else if (type !== dialect.storedType(column.type))
      throw new ConfigError('E305', {
        problem: `The column "${column.name}" of ${wanted.name} is stored as ${type} and declared as ${columnTypeText(column.type)}.`,
        remedy: 'Give the column a new name.',
      })
  }
  return steps
}

export const slotName = (table: string, slot: number): string => `slot ${slot} of ${table}`

export function slotStep(dialect: SqlDialect, { slots }: Control, table: string, slot: number): DdlStep {
  return {
    name: slotName(table, slot),
    sql:
      `insert into ${slots} (unified_table, slot, live) select ${dialect.literal(table)}, ${slot}, 0 ` +
      `from (select 1 as one) as nothing where not exists (select 1 from ${slots} as s where s.unified_table = ${dialect.literal(table)} and s.slot = ${slot})`,
  }
}
