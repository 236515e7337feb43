import type { Row } from '../../core/value.ts'
import { freshMysql, queryAt } from './databases.ts'
import { type TestProject, warehouseProject } from './project.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from './warehouse.ts'

/** Kinds of server that read a source beside the warehouse without a copy. */
export const NEAR = ['postgres', 'mysql'] as const
export type Near = (typeof NEAR)[number]

/** A shop whose tables lie in the database (PostgreSQL) or on the server (MariaDB) of the warehouse. */
export interface NearShop {
  warehouse: TestWarehouse
  project: TestProject
  /** Asks the shop's database; values are text in PostgreSQL. */
  says<T = Row>(sql: string): Promise<T[]>
  /** Writes the one pipeline anew. */
  rewrite(pipeline: string): Promise<void>
  /** Rows of a unified table. */
  show(table: string): Promise<Row[]>
  remove(): Promise<void>
}

/** What stands before the names of the shop's tables. */
export const nearSchema = (name: Near): string => (name === 'postgres' ? 'shop.' : '')

/** @param tables  SQL that makes and fills them; the schema is there */
export async function nearShop(
  name: Near,
  {
    tables,
    pipeline,
    ...settings
  }: { tables: string; pipeline: string; commitRows?: number; parallel?: number },
): Promise<NearShop> {
  const warehouse = await freshWarehouse(name)
  const own = name === 'mysql' ? await freshMysql('near') : undefined
  const url = own?.url ?? Object.values(warehouse.env)[0]!
  await queryAt(url, own ? tables : `create schema shop; ${tables}`)
  const files = {
    'config/connections.yaml': `shop_db:\n  connector: ${name}\n  url: \${env:SHOP_DB_URL}\n`,
    'pipelines/shop.yaml': pipeline,
  }
  const project = await warehouseProject(warehouse, files, { env: { SHOP_DB_URL: url }, ...settings })
  return {
    warehouse,
    project,
    says: (sql) => queryAt(url, sql),
    rewrite: (text) => project.write({ 'pipelines/shop.yaml': text }),
    show: (table) => inWarehouse(warehouse, (session) => unifiedRows(session, table)),
    async remove() {
      await project.remove()
      await warehouse.drop()
      await own?.drop()
    },
  }
}

/** What the shop's customers become. */
export const NEAR_TARGETS = `    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        birth_date: born
        status:
          from: state
          map: { A: customer, L: lead }
          default: former
      identifier:
        - as: email
          when: $exists(email)
          type: { is: email }
          value: email
`
