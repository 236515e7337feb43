import type { UnifiedTable } from '../core/unified.ts'
import type { DdlStep, Part, PartQuery, RejectQuery } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, Engine, PartTable } from './engine.ts'
import { checkName } from './errors.ts'
import { type Ledger, readLedger } from './ledger.ts'
import { forgetSelect, keepSelect, selectsOf } from './part-selects.ts'
import { partViewStep, partViewSteps, rejectViewStep, rejectViewSteps, selectPart } from './part-view.ts'
import { describeStep, indexSteps, partSteps, partTable, type StoredColumn, slotName } from './parts.ts'
import { pointStep, viewStep, viewSteps } from './views.ts'

/** Where a session's objects lie. */
export interface Place {
  engine: Engine
  control: Control
  schema: string
  internal: string
}

/** The steps of a part's table that are due: what stands decides, and the ledger. */
export async function planPart(
  connection: Connection,
  place: Place,
  part: Part,
  table: UnifiedTable,
): Promise<DdlStep[]> {
  const { engine, control, internal } = place
  const { dialect } = engine
  const wanted = partTable(dialect, internal, part, table)
  for (const name of [wanted.name, ...table.columns.map((it) => it.name)])
    checkName(name, engine.facts.maxNameBytes)
  const stored = await columnsOf(connection, place, internal, wanted.name)
  const bare = stored.length > 0 && (await lacksIndexes(connection, place, wanted))
  const names = [describeStep('part', wanted.name)]
  if (part.form.kind === 'slice') names.push(slotName(part.table, part.form.slot))
  const ledger = await readLedger(connection, control, names)
  const steps = partSteps(dialect, control, wanted, part, stored, ledger)
  return bare ? [...steps, ...indexSteps(dialect, wanted)] : steps
}

export async function planPartView(
  connection: Connection,
  place: Place,
  part: Part,
  table: UnifiedTable,
  query: PartQuery,
): Promise<DdlStep[]> {
  const { engine, schema, internal } = place
  const { dialect, print } = engine
  const { relation } = part.form
  const select = selectPart({ dialect, print, source: part.source, table, query })
  const ask = { dialect, schema, internal, part, table, select }
  const steps = await planInternalView(connection, place, relation, partViewStep(relation), (...known) =>
    partViewSteps(ask, ...known),
  )
  return [...steps, ...(await keepSelect(connection, { dialect, control: place.control }, part, select))]
}

export function planRejectView(connection: Connection, place: Place, query: RejectQuery): Promise<DdlStep[]> {
  const { engine, internal } = place
  const ask = { dialect: engine.dialect, print: engine.print, internal, query }
  return planInternalView(connection, place, query.name, rejectViewStep(query.name), (...known) =>
    rejectViewSteps(ask, ...known),
  )
}

async function planInternalView(
  connection: Connection,
  place: Place,
  name: string,
  step: string,
  steps: (stored: StoredColumn[], ledger: Ledger) => DdlStep[],
): Promise<DdlStep[]> {
  checkName(name, place.engine.facts.maxNameBytes)
  return steps(
    await columnsOf(connection, place, place.internal, name),
    await readLedger(connection, place.control, [step]),
  )
}

/** Nothing where there is no such view. */
export async function planDropView(connection: Connection, place: Place, name: string): Promise<DdlStep[]> {
  const { dialect } = place.engine
  const sql = `drop view if exists ${dialect.relation(place.internal, name)}`
  const stored = await columnsOf(connection, place, place.internal, name)
  const steps = stored.length > 0 ? [{ name: `drop view ${name}`, sql, always: true }] : []
  return [...steps, ...(await forgetSelect(connection, { dialect, control: place.control }, name))]
}

/** The steps of a unified table's view. */
export async function planView(
  connection: Connection,
  { engine, control, schema, internal }: Place,
  table: UnifiedTable,
  parts: Part[],
): Promise<DdlStep[]> {
  checkName(table.name, engine.facts.maxNameBytes)
  const { dialect } = engine
  const slots = parts.flatMap(({ form }) => (form.kind === 'slice' ? [slotName(table.name, form.slot)] : []))
  const names = [viewStep(table), pointStep(table), describeStep('view', table.name), ...slots]
  const stored = await columnsOf(connection, { engine }, schema, table.name)
  const ledger = await readLedger(connection, control, names)
  const selects = await selectsOf(connection, { dialect, control }, parts)
  return viewSteps({ dialect, control, schema, internal, table, parts, selects }, stored, ledger)
}

async function columnsOf(
  connection: Connection,
  { engine }: Pick<Place, 'engine'>,
  schema: string,
  name: string,
): Promise<StoredColumn[]> {
  const rows = await connection.query(engine.dialect.columnsOf, [schema, name])
  return rows as unknown as StoredColumn[]
}

/** A load that only appended was cut off before its end. An empty part gets its indexes when rows come. */
async function lacksIndexes(
  connection: Connection,
  { engine, internal }: Place,
  wanted: PartTable,
): Promise<boolean> {
  if (engine.dialect.indexPart(wanted).length === 0) return false
  const [lacking] = await connection.query(engine.dialect.lacksIndexes, [internal, wanted.name])
  return lacking?.['filled'] === true
}
