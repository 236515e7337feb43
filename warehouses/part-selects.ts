import type { DdlStep, Part } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, SqlDialect } from './engine.ts'

/**
 * What part views select, for unified views that say it themselves. It is kept in the warehouse, since a run makes the
 * unified view of parts that it does not plan too.
 */
export type Selects = Map<Part, string>

interface Place {
  dialect: SqlDialect
  control: Control
}

/** Of parts as a plan has them: read anew, a part has what is kept. */
const planned = new WeakMap<Part, string>()

/** Keeps what the view of a part selects; nothing where it is kept already. */
export async function keepSelect(
  connection: Connection,
  { dialect, control }: Place,
  part: Part,
  select: string,
): Promise<DdlStep[]> {
  if (!dialect.inlined) return []
  planned.set(part, select)
  const { relation } = part.form
  const kept = await keptSelects(connection, control, [relation])
  if (kept.get(relation) === select) return []
  const sql = dialect.inlined.keep(control.selects, relation, select)
  return [{ name: `keep the select of ${relation}`, sql, always: true }]
}

/** Nothing where none is kept. */
export async function forgetSelect(
  connection: Connection,
  { dialect, control }: Place,
  relation: string,
): Promise<DdlStep[]> {
  if (!dialect.inlined || (await keptSelects(connection, control, [relation])).size === 0) return []
  const sql = `delete from ${control.selects} where name = ${dialect.literal(relation)}`
  return [{ name: `forget the select of ${relation}`, sql, always: true }]
}

/** As planned or kept. A part of an older version has none: its unified view reads its view until it is planned again. */
export async function selectsOf(
  connection: Connection,
  { dialect, control }: Place,
  parts: Part[],
): Promise<Selects> {
  const views = dialect.inlined ? parts.filter((it) => it.form.kind === 'view') : []
  const unplanned = views.filter((it) => !planned.has(it)).map((it) => it.form.relation)
  const kept = await keptSelects(connection, control, unplanned)
  const found = views.map((it) => [it, planned.get(it) ?? kept.get(it.form.relation)] as const)
  return new Map(found.filter((it): it is [Part, string] => it[1] !== undefined))
}

async function keptSelects(
  connection: Connection,
  { selects }: Control,
  relations: string[],
): Promise<Map<string, string>> {
  if (relations.length === 0) return new Map()
  const marks = relations.map(() => '?').join(', ')
  const rows = await connection.query(
    `select name, query from ${selects} where name in (${marks})`,
    relations,
  )
  return new Map(rows.map(({ name, query }) => [String(name), String(query)]))
}
