import { faultPoint } from '../../core/fault.ts'
import type { ProjectSpec } from '../../core/spec.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { DdlStep, LoadedPart, Part, WarehouseSession } from '../../core/warehouse.ts'
import { failureOf } from '../look/views.ts'
import type { Prepared } from '../plan/prepare.ts'
import { eachOnce } from '../plan/reach.ts'
import type { OnRoad } from '../plan/roads.ts'
import { isPartOf, loadParts, partFor, rejectViewName, savePart } from '../state/parts.ts'
import type { StateStore } from '../state/store.ts'

/** A part with its table and what its dataset fills. */
export type ReadyPart = LoadedPart

/** All parts as they shall be once these datasets are loaded, and the DDL from here to there. */
export interface PartsPlan {
  /** By dataset reference. */
  ready: Map<string, ReadyPart[]>
  /** Parts that are new or have changed. */
  changed: Part[]
  steps: DdlStep[]
}

/** Works out parts and DDL; nothing is written. */
export async function planParts(
  project: ProjectSpec,
  datasets: OnRoad[],
  session: WarehouseSession,
  stored: Part[],
): Promise<PartsPlan> {
  const parts = [...stored]
  const plan: PartsPlan = { ready: new Map(), changed: [], steps: [] }
  const gone: DdlStep[] = []
  for (const it of datasets) {
    if (!it.prepared.mapper || it.road?.problem) continue
    plan.ready.set(it.prepared.ref, await planDataset(project, it, session, parts, plan))
    gone.push(...(await droppedViews(it, session, parts, plan)), ...(await droppedLinks(it, session)))
  }
  for (const table of project.tables) {
    const live = liveParts(parts, table)
    if (await areReadable(live, plan, session)) plan.steps.push(...(await session.viewSteps(table, live)))
  }
  plan.steps.push(...gone)
  return plan
}

/**
 * A view whose source has changed under it and which is not made anew now would fail the unified view's DDL too. Its
 * dataset tells why; the unified view stays as it is, since without that part it would show less, and nobody would know.
 */
async function areReadable(parts: Part[], plan: PartsPlan, session: WarehouseSession): Promise<boolean> {
  const made = new Set([...plan.ready.values()].flat().map(({ part }) => part.id))
  for (const { id, form } of parts) {
    if (form.kind !== 'view' || made.has(id)) continue
    if (await failureOf(session, form.relation)) return false
  }
  return true
}

const liveParts = (parts: Part[], { name }: Pick<UnifiedTable, 'name'>): Part[] =>
  parts.filter((it) => it.table === name && it.state === 'live')

async function planDataset(
  project: ProjectSpec,
  { prepared, road }: OnRoad,
  session: WarehouseSession,
  parts: Part[],
  plan: PartsPlan,
): Promise<ReadyPart[]> {
  const { dataset, key } = prepared
  const isView = road?.road === 'view'
  // Links of several datasets have one server.
  if (isView) plan.steps = eachOnce([...plan.steps, ...(road.reached.steps ?? [])])
  const ready: ReadyPart[] = []
  for (const { table: name, ...filled } of prepared.mapper!.parts) {
    const table = project.tables.find((table) => table.name === name)!
    const wanted = partFor(parts, session.facts, dataset, { table: name, key, isView })
    // A copy takes the place of the view when it is complete, so that nothing is missing meanwhile.
    const waits =
      !isView && liveParts(parts, table).some((it) => isPartOf(it, dataset) && it.form.kind === 'view')
    const part: Part = { ...wanted, state: waits ? 'building' : 'live' }
    if (isView)
      for (const copy of liveParts(parts, table))
        if (isPartOf(copy, dataset) && copy.form.kind !== 'view')
          keep({ ...copy, state: 'retired' }, parts, plan)
    keep(part, parts, plan)
    plan.steps.push(
      ...(isView
        ? await session.partViewSteps(part, table, road.said!.parts.get(name)!)
        : await session.partSteps(part, table)),
    )
    ready.push({ part, table, ...filled })
  }
  if (isView && road.rejects) plan.steps.push(...(await session.rejectViewSteps(road.rejects)))
  return ready
}

function keep(part: Part, parts: Part[], plan: PartsPlan): void {
  const index = parts.findIndex((other) => other.id === part.id)
  if (index < 0 || JSON.stringify(parts[index]) !== JSON.stringify(part)) plan.changed.push(part)
  if (index < 0) parts.push(part)
  else parts[index] = part
}

/** Of a dataset mapped in place: views of tables that it fills no longer, and a reject view with nothing to list. */
async function droppedViews(
  { prepared: { dataset, mapper }, road }: OnRoad,
  session: WarehouseSession,
  parts: Part[],
  plan: PartsPlan,
): Promise<DdlStep[]> {
  if (road?.road !== 'view') return []
  const filled = new Set(mapper!.parts.map((it) => it.table))
  const steps: DdlStep[] = []
  for (const part of parts.filter(
    (it) => isPartOf(it, dataset) && it.state === 'live' && !filled.has(it.table),
  )) {
    keep({ ...part, state: 'retired' }, parts, plan)
    if (part.form.kind === 'view') steps.push(...(await session.dropViewSteps(part.form.relation)))
  }
  if (!road.rejects)
    steps.push(...(await session.dropViewSteps(rejectViewName(dataset, session.facts.maxNameBytes))))
  return steps
}

/** Of a dataset mapped in place: links that its views stood on before. */
const droppedLinks = async ({ prepared, road }: OnRoad, session: WarehouseSession): Promise<DdlStep[]> =>
  road?.road === 'view' ? session.unusedLinkSteps(prepared.ref, road.reached.links) : []

/** Makes parts and views. Safe to repeat after a kill at any point. */
export async function makeParts(
  project: ProjectSpec,
  datasets: OnRoad[],
  session: WarehouseSession,
  store: StateStore,
): Promise<Map<string, ReadyPart[]>> {
  const plan = await planParts(project, datasets, session, await loadParts(store))
  for (const part of plan.changed)
    if (part.state !== 'retired') await savePart(store, { ...part, state: 'new' })
  faultPoint('K9')
  await session.ddl(plan.steps)
  for (const part of plan.changed) await savePart(store, part)
  return plan.ready
}

/**
 * Once a full read under the mapping of now is complete: takes parts that the dataset no longer fills out of their
 * unified views, and puts copies in the place of the views that they were made for. Parts that are tables stay.
 */
export async function settleParts(
  project: ProjectSpec,
  { ref, dataset, mapper }: Prepared,
  session: WarehouseSession,
  store: StateStore,
): Promise<void> {
  const filled = new Set(mapper?.parts.map((it) => it.table))
  const parts = await loadParts(store)
  const own = parts.filter((it) => isPartOf(it, dataset))
  const built = own.filter((it) => it.state === 'building' && filled.has(it.table))
  const left = own.filter((it) => it.state === 'live' && (!filled.has(it.table) || isReplaced(it, built)))
  const settled = [
    ...built.map((it): Part => ({ ...it, state: 'live' })),
    ...left.map((it): Part => ({ ...it, state: 'retired' })),
  ]
  if (settled.length === 0) return
  const after = parts.map((it) => settled.find(({ id }) => id === it.id) ?? it)
  const steps: DdlStep[] = []
  for (const table of project.tables.filter((it) => settled.some((part) => part.table === it.name)))
    steps.push(...(await session.viewSteps(table, liveParts(after, table))))
  for (const { form } of left.filter((it) => it.form.kind === 'view'))
    steps.push(...(await session.dropViewSteps(form.relation)))
  if (left.some((it) => it.form.kind === 'view'))
    steps.push(
      ...(await session.dropViewSteps(rejectViewName(dataset, session.facts.maxNameBytes))),
      ...(await session.unusedLinkSteps(ref)),
    )
  await session.ddl(steps)
  for (const part of settled) await savePart(store, part)
}

const isReplaced = (part: Part, built: Part[]): boolean =>
  part.form.kind === 'view' && built.some((it) => it.table === part.table)
