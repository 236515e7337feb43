import type { Knex } from 'knex'
import type { Bind, Tx, WarehouseSession } from '../../core/warehouse.ts'

/** A knex that only writes SQL: it has no connection. */
export async function sqlBuilder(session: WarehouseSession): Promise<Knex> {
  const { default: knex } = await import('knex')
  return knex({ client: session.facts.builder })
}

/** Runs what a knex builder wrote. */
export async function rowsOf<T>(runner: Pick<Tx, 'query'>, builder: Knex.QueryBuilder): Promise<T[]> {
  const { sql, bindings } = builder.toSQL()
  return runner.query<T>(sql, bindings as Bind[])
}

export async function execute(tx: Tx, builder: Knex.QueryBuilder): Promise<number> {
  const { sql, bindings } = builder.toSQL()
  return tx.run(sql, bindings as Bind[])
}
