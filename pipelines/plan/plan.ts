import type { Problem } from '../../core/errors.ts'
import type { PlannedDataset, PlanReport } from '../../core/report.ts'
import type { ProjectSpec } from '../../core/spec.ts'
import type { Part, WarehouseSession } from '../../core/warehouse.ts'
import type { Agreement } from '../contract/agreement.ts'
import { agreementOf } from '../contract/store.ts'
import type { PreparedLookup } from '../lookup/prepare.ts'
import { leftOutProblem } from '../run/in-place.ts'
import { type DatasetState, type Decision, decide, inPlace } from '../run/mode.ts'
import { planParts, type ReadyPart } from '../run/parts.ts'
import { unreachedProblem } from '../run/streamed.ts'
import { loadParts } from '../state/parts.ts'
import { lastRoad } from '../state/runs.ts'
import type { StateStore } from '../state/store.ts'
import { modeAsk } from './cadence.ts'
import { plannedDeletes } from './deletes.ts'
import type { Prepared } from './prepare.ts'
import { type PlannedRoad, planRoads } from './roads.ts'
import { requestOf, type Sources } from './sources.ts'

/** What the next run would do: DDL, roads and readings. Writes nothing but Polder's own empty state tables. */
export async function plan(
  project: ProjectSpec,
  prepared: Prepared[],
  sources: Sources,
  session: WarehouseSession,
  store: StateStore,
): Promise<PlanReport> {
  const stored = await loadParts(store)
  const roads = await planRoads(project, prepared, sources, session, stored)
  const parts = await planParts(project, roads, session, stored)
  const datasets: PlannedDataset[] = []
  const agreements: Agreement[] = []
  for (const { prepared: it, road } of roads) {
    const agreement = await agreementOf(store, it, false)
    if (agreement) agreements.push(agreement)
    if (!it.mapper || !road) continue
    const planned = await planDataset(it, road, parts.ready.get(it.ref) ?? [], stored, sources, store)
    datasets.push({ ...planned, contract: contractOf(it, agreement) })
  }
  const { type, schema, internal } = project.warehouse
  return {
    warehouse: { type, version: session.facts.version, schema, internal },
    datasets,
    ddl: await session.pending(parts.steps),
    problems: [
      ...agreements.flatMap((it) => [...(it.broken ? [it.broken] : []), ...it.warnings]),
      ...prepared.flatMap((it) => it.problems),
      ...roads.flatMap(({ prepared, road }) => roadProblems(prepared, road)),
      ...nullMarkProblems(datasets),
      ...orphans(project, stored),
    ],
  }
}

async function planDataset(
  it: Prepared,
  { road, because, obstacles, leftOut, reached }: PlannedRoad,
  ready: ReadyPart[],
  stored: Part[],
  sources: Sources,
  store: StateStore,
): Promise<Omit<PlannedDataset, 'contract'>> {
  const state = (await store.checkpoint(it.ref, '0'))?.state as DatasetState | undefined
  const now = await store.now()
  const decision = decide(state, modeAsk(it, state, now, false))
  const reader = sources.reader(it.dataset.connection)
  const roadWas = await lastRoad(store, it.ref)
  const nullMarks = it.cursor?.nullable ? await reader.countNullMarks?.(requestOf(it.dataset)) : undefined
  return {
    dataset: it.ref,
    connection: it.dataset.connection,
    from: it.dataset.from,
    road,
    ...(roadWas !== undefined && roadWas !== road && { roadWas }),
    because: road === 'view' ? because : [...because, decision.because, ...unless(it, decision)],
    obstacles: obstacles.map(({ what, because, at }) => ({
      what,
      because,
      ...(at && { file: at.file.path, line: at.line, column: at.column }),
    })),
    notes: road === 'view' ? (reached.warnings ?? []) : [],
    ...(leftOut !== undefined && { leftOut }),
    key: it.key,
    cursor: it.cursor?.name,
    reads: {
      mode: road === 'view' ? 'view' : decision.mode,
      from: road === 'view' || decision.mode === 'resume' ? undefined : decision.fromMark,
      rows: decision.mode === 'full' ? it.facts?.rows : undefined,
      fields: it.mapper!.fields,
    },
    ...(it.lookups.length > 0 && { lookups: it.lookups.map(plannedLookup) }),
    deletes: plannedDeletes(it, state, decision, now),
    nullMarks,
    parts: ready.map(({ part, names, watch }) => ({
      table: part.table,
      relation: part.form.relation,
      state: stored.some((old) => old.id === part.id && old.state === 'live') ? 'live' : 'new',
      columns: names,
      ...(watch && { appendOn: [...new Set(watch.flat())] }),
    })),
    mapping: {
      hash: it.hash,
      changed: state !== undefined && ![it.hash, inPlace(it.hash)].includes(state.mapping),
    },
  }
}

const roadProblems = ({ ref }: Prepared, road: PlannedRoad | undefined): Problem[] => [
  ...(road?.problem ? [road.problem] : []),
  ...(road?.road === 'view' && road.leftOut ? [leftOutProblem(ref, road)] : []),
  ...(road?.broken && !road.problem ? [unreachedProblem(ref, road)] : []),
]

/** Whether a looked-up table has changed shows only when it is read. */
const unless = ({ lookups }: Prepared, { mode }: Decision): string[] =>
  lookups.length === 0 || mode === 'full' ? [] : ['read in full where a looked-up table has changed since']

const plannedLookup = ({ name, request, on, key, many, facts, fields }: PreparedLookup) => ({
  name,
  from: request.from,
  on,
  key,
  many,
  rows: facts?.rows,
  fields,
})

const contractOf = ({ dataset }: Prepared, agreement: Agreement | undefined): PlannedDataset['contract'] => ({
  word: dataset.contract ?? 'evolve',
  changes: agreement?.changes ?? [],
})

function nullMarkProblems(datasets: PlannedDataset[]): Problem[] {
  return datasets
    .filter((it) => it.nullMarks)
    .map((it) => ({
      code: 'E309',
      severity: 'warning',
      problem: `${it.nullMarks} rows of "${it.dataset}" have no value in the cursor ${it.cursor}: only a full read sees them.`,
      remedy: `polder run ${it.dataset} --full reads them.`,
    }))
}

/** Parts whose dataset is no longer in the project: their rows stay visible until somebody decides. */
function orphans(project: ProjectSpec, stored: Part[]): Problem[] {
  const known = new Set(
    project.pipelines.flatMap((it) => it.datasets).map((it) => JSON.stringify([it.pipeline, it.name])),
  )
  return stored
    .filter(
      (it) => it.state === 'live' && !known.has(JSON.stringify([it.source.pipeline, it.source.dataset])),
    )
    .map((it) => ({
      code: 'E310',
      severity: 'warning',
      problem: `The part ${it.form.relation} of ${it.table} belongs to "${it.source.pipeline}.${it.source.dataset}", which is in no pipeline any more.`,
      remedy:
        'Its rows stay in the unified table as they are. Bring the dataset back, or delete its rows by hand.',
    }))
}
