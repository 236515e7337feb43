import type { ColumnType } from '../core/unified.ts'
import type { Engine, SqlDialect } from './engine.ts'

/** The control tables of the internal schema, quoted. */
export interface Control {
  leases: string
  commits: string
  seen: string
  ledger: string
  /** Which slices of a shared part table the unified view shows. */
  slots: string
  /** What part views select, where unified views say it themselves. */
  selects: string
}

export function controlTables(dialect: SqlDialect, internal: string): Control {
  const of = (name: string) => dialect.relation(internal, name)
  return {
    leases: of('leases'),
    commits: of('commits'),
    seen: of('seen'),
    ledger: of('ledger'),
    slots: of('part_slots'),
    selects: of('part_selects'),
  }
}

const id = { kind: 'id' } as const
const text = { kind: 'text' } as const
const integer = { kind: 'integer' } as const
const timestamp = { kind: 'timestamp' } as const

/** Statements that make schemas and control tables; each may be repeated. */
export function controlSteps(engine: Engine, schema: string, internal: string): string[] {
  const { dialect } = engine
  const tables = controlTables(dialect, internal)
  const create = (relation: string, columns: Record<string, ColumnType>, key: string[]) =>
    createTable(dialect, relation, columns, key)
  const slots = create(tables.slots, { unified_table: id, slot: integer, live: integer }, [
    'unified_table',
    'slot',
  ])
  return [
    dialect.createSchema(schema),
    dialect.createSchema(internal),
    create(tables.leases, { dataset: id, epoch: integer, holder: text, expires_at: timestamp, n: integer }, [
      'dataset',
    ]),
    create(tables.commits, { commit_id: id, dataset: id, result: text, committed_at: timestamp }, [
      'commit_id',
    ]),
    create(tables.seen, { dataset: id, scan_id: id, source_id: id }, []),
    dialect.seenIndex(tables.seen),
    create(tables.ledger, { name: id, hash: text, applied_at: timestamp }, ['name']),
    engine.facts.unionPushdown ? '' : slots,
    dialect.inlined ? create(tables.selects, { name: id, query: text }, ['name']) : '',
  ].filter((sql) => sql !== '')
}

function createTable(
  dialect: SqlDialect,
  relation: string,
  columns: Record<string, ColumnType>,
  key: string[],
): string {
  const lines = Object.entries(columns).map(([name, type]) => `${name} ${dialect.type(type)}`)
  if (key.length > 0) lines.push(`primary key (${key.join(', ')})`)
  return `create table if not exists ${relation} (${lines.join(', ')})`
}
