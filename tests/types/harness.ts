import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openProject } from '../../app/index.ts'
import type { RunReport } from '../../core/report.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { Row } from '../../core/value.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, type WarehouseName } from '../support/warehouse.ts'

export interface Reject {
  dataset: string
  sourceId: string
  code: string
  column: string | null
}

export interface Loaded {
  warehouse: TestWarehouse
  project: TestProject
  tables: UnifiedTable[]
  run(selection?: string[]): Promise<RunReport>
  rejects(): Promise<Reject[]>
  /** By id, all columns. */
  rows(table: string): Promise<Map<string, Row>>
  /** How often a value was changed: `dataset column code` → times. */
  changes(): Promise<Map<string, number>>
  drop(): Promise<void>
}

/** A project with a warehouse of its own, run inside this process. */
export async function loadedProject(
  name: WarehouseName,
  files: Record<string, string>,
  env: Record<string, string>,
  prepare: (folder: string) => Promise<void>,
): Promise<Loaded> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, files, { env })
  await mkdir(join(project.root, 'data'), { recursive: true })
  await prepare(join(project.root, 'data'))
  const open = () => openProject(project.root, { env: { ...process.env, ...project.env } })
  const first = await open()
  const { tables } = first.project
  await first.close()
  const run = async (selection: string[] = []) => {
    const polder = await open()
    const signal = new AbortController().signal
    return polder
      .run(selection, { full: false, allowShrink: false, signal, onEvent: () => {} })
      .finally(() => polder.close())
  }
  return {
    warehouse,
    project,
    tables,
    run,
    rejects: () => rejectsOf(warehouse),
    rows: (table) => rowsOf(warehouse, tables.find((it) => it.name === table)!),
    changes: () => changesOf(warehouse),
    drop: async () => {
      await project.remove()
      await warehouse.drop()
    },
  }
}

const rowsOf = (warehouse: TestWarehouse, { name, columns }: UnifiedTable): Promise<Map<string, Row>> =>
  inWarehouse(warehouse, async (session) => {
    const rows = new Map<string, Row>()
    for await (const some of session.rows({ schema: session.schema, name }, columns, ['id']))
      for (const values of some)
        rows.set(String(values[0]), Object.fromEntries(columns.map((it, i) => [it.name, values[i] ?? null])))
    return rows
  })

const rejectsOf = (warehouse: TestWarehouse): Promise<Reject[]> =>
  inWarehouse(warehouse, async (session) => {
    const from = session.dialect.relation(session.internal, 'rejects')
    const rows = await session.query<Record<string, string | null>>(
      `select dataset, source_id, code, column_name from ${from}`,
    )
    return rows.map((it) => ({
      dataset: it['dataset']!,
      sourceId: it['source_id']!,
      code: it['code']!,
      column: it['column_name'] ?? null,
    }))
  })

const changesOf = (warehouse: TestWarehouse): Promise<Map<string, number>> =>
  inWarehouse(warehouse, async (session) => {
    const from = session.dialect.relation(session.internal, 'changes')
    const rows = await session.query<Record<string, string | number>>(
      `select dataset, column_name, code, changed from ${from}`,
    )
    return new Map(
      rows.map((it) => [`${it['dataset']} ${it['column_name']} ${it['code']}`, Number(it['changed'])]),
    )
  })
