import type { Connection, Engine } from './engine.ts'
import type { Target } from './staging.ts'

/**
 * Makes the keys and indexes that a part still lacks. Building them over rows that are there is much faster than
 * keeping them while rows come.
 */
export async function makeIndexes(
  { dialect }: Engine,
  connection: Pick<Connection, 'query' | 'run'>,
  targets: Target[],
): Promise<void> {
  for (const { relation, part, schema, slot } of targets) {
    const of = { relation, name: part.form.relation, sliced: slot !== undefined }
    const steps = dialect.indexPart(of)
    if (steps.length === 0) continue
    const bind = [schema, of.name]
    if ((await connection.query(dialect.lacksIndexes, bind)).length > 0)
      for (const sql of steps) await connection.run(sql)
  }
}
