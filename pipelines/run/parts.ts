import { faultPoint } from '../../core/fault.ts'
import type { ProjectSpec } from '../../core/spec.ts'
import type { DdlStep, LoadedPart, Part, WarehouseSession } from '../../core/warehouse.ts'
import type { Prepared } from '../plan/prepare.ts'
import { loadParts, partFor, savePart } from '../state/parts.ts'
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
  prepared: Prepared[],
  session: WarehouseSession,
  stored: Part[],
): Promise<PartsPlan> {
  const parts = [...stored]
  const plan: PartsPlan = { ready: new Map(), changed: [], steps: [] }
  for (const it of prepared) {
    if (!it.mapper) continue
    const ready: ReadyPart[] = []
    for (const { table: name, ...filled } of it.mapper.parts) {
      const table = project.tables.find((table) => table.name === name)!
      const part = { ...partFor(parts, session.facts, it.dataset, name, it.key), state: 'live' as const }
      const index = parts.findIndex((other) => other.id === part.id)
      if (index < 0 || JSON.stringify(parts[index]) !== JSON.stringify(part)) plan.changed.push(part)
      if (index < 0) parts.push(part)
      else parts[index] = part
      plan.steps.push(...(await session.partSteps(part, table)))
      ready.push({ part, table, ...filled })
    }
    plan.ready.set(it.ref, ready)
  }
  for (const table of project.tables) {
    const live = parts.filter((it) => it.table === table.name && it.state === 'live')
    plan.steps.push(...(await session.viewSteps(table, live)))
  }
  return plan
}

/** Makes parts and views. Safe to repeat after a kill at any point. */
export async function makeParts(
  project: ProjectSpec,
  prepared: Prepared[],
  session: WarehouseSession,
  store: StateStore,
): Promise<Map<string, ReadyPart[]>> {
  const plan = await planParts(project, prepared, session, await loadParts(store))
  for (const part of plan.changed) await savePart(store, { ...part, state: 'new' })
  faultPoint('K9')
  await session.ddl(plan.steps)
  for (const part of plan.changed) await savePart(store, part)
  return plan.ready
}

/**
 * Takes parts that a dataset's mapping no longer fills out of their unified views, once a full read under the new
 * mapping is complete. The parts stay.
 */
export async function retireParts(
  project: ProjectSpec,
  prepared: Prepared,
  session: WarehouseSession,
  store: StateStore,
): Promise<void> {
  const { pipeline, name } = prepared.dataset
  const filled = new Set(prepared.mapper?.parts.map((it) => it.table))
  const parts = await loadParts(store)
  const isOrphan = (it: Part) =>
    it.source.pipeline === pipeline &&
    it.source.dataset === name &&
    it.state === 'live' &&
    !filled.has(it.table)
  for (const orphan of parts.filter(isOrphan)) {
    await savePart(store, { ...orphan, state: 'retired' })
    const table = project.tables.find((it) => it.name === orphan.table)
    const live = parts.filter((it) => it.table === orphan.table && it.state === 'live' && it.id !== orphan.id)
    if (table) await session.ddl(await session.viewSteps(table, live))
  }
}
