import { expect } from 'vitest'
import { openProject, type Polder } from '../../app/index.ts'
import type { RunEvent, RunReport } from '../../core/report.ts'
import { freshMysql, freshPostgres, type TestDatabase } from './databases.ts'
import { type TestProject, warehouseProject } from './project.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, type WarehouseName } from './warehouse.ts'

/** A table of people, read by its cursor into a party and an identifier each. */
export interface PeopleAsk {
  /** Lines of the dataset, below its cursor. */
  settings: string
  source?: 'postgres' | 'mysql'
  people?: string
  targets?: string
  commitRows?: number
  /** `tests:` of the pipeline. */
  tests?: string
  /** The address that the project gets of its source. */
  through?: (url: string) => string
}

export interface People {
  source: TestDatabase
  warehouse: TestWarehouse
  project: TestProject
  run(options?: Partial<RunOptions>): Promise<RunReport>
  within<T>(work: (polder: Polder) => Promise<T>): Promise<T>
  /** Live rows, by what people see of them. */
  names(table?: 'party' | 'identifier' | 'event'): Promise<string[]>
  remove(): Promise<void>
}

interface RunOptions {
  allowShrink: boolean
  signal: AbortSignal
  onEvent(event: RunEvent): void
}

const TARGETS = `      party:
        kind: { is: person }
        given_name: name
      identifier:
        - as: email
          type: { is: email }
          value: email`

/** Marks lie days apart and behind, so that no look-back reaches from one row to the next. */
export const PEOPLE = `create table people (id int primary key, name varchar(40), email varchar(90), updated_at timestamp(6) null);
  insert into people values (1, 'Ada', 'ada@example.org', '2024-01-01 00:00:00'),
    (2, 'Grace', null, '2024-02-01 00:00:00'), (3, 'Edsger', 'e@example.org', '2024-03-01 00:00:00'),
    (4, 'Tony', null, '2024-04-01 00:00:00'), (5, 'Barbara', null, '2024-05-01 00:00:00'),
    (6, 'Frances', null, '2026-01-01 00:00:00')`

const files = ({ settings, source = 'postgres', targets = TARGETS, tests = '' }: PeopleAsk) => ({
  'config/connections.yaml': `shop_db:\n  connector: ${source}\n  url: \${env:SHOP_DB_URL}\n`,
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  people:
    from: people
    cursor: updated_at
${settings}
    to:
${targets}
${tests}`,
})

export async function peopleProject(name: WarehouseName, ask: PeopleAsk): Promise<People> {
  const warehouse = await freshWarehouse(name)
  const source = await (ask.source === 'mysql' ? freshMysql : freshPostgres)('people')
  await source.query(ask.people ?? PEOPLE)
  const url = ask.through?.(source.url) ?? source.url
  const env = { SHOP_DB_URL: url }
  const project = await warehouseProject(warehouse, files(ask), { env, commitRows: ask.commitRows })
  const within: People['within'] = async (work) => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    return work(polder).finally(() => polder.close())
  }
  return {
    source,
    warehouse,
    project,
    within,
    run: (options) => within((polder) => polder.run([], { ...RUN, ...options })),
    names: (table = 'party') => namesOf(warehouse, table),
    async remove() {
      await project.remove()
      await warehouse.drop()
      await source.drop()
    },
  }
}

const RUN = { full: false, allowShrink: false, signal: new AbortController().signal, onEvent: () => {} }

const COLUMN = { party: 'given_name', identifier: 'value', event: 'channel' }

const namesOf = (warehouse: TestWarehouse, table: keyof typeof COLUMN): Promise<string[]> =>
  inWarehouse(warehouse, async (session) => {
    const relation = session.dialect.relation(session.schema, table)
    const rows = await session.query<{ name: string }>(
      `select ${COLUMN[table]} as name from ${relation} where deleted_at is null`,
    )
    return rows.map((it) => it.name).sort()
  })

/** Fails with what the run says where it did not end well. */
export function well(report: RunReport): RunReport {
  expect(report.datasets.flatMap((it) => it.problem ?? [])).toEqual([])
  expect(report.status).toBe('ok')
  return report
}
