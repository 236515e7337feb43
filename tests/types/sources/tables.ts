import { isAbsent, type SqlValue, type TypeCase } from '../case.ts'

export type SqlSource = 'postgres' | 'mysql' | 'sqlite' | 'parquet'

/** A generated column takes no value. */
const COMPUTED = 'default'

/** The cases that an SQL source holds: a column for each, and a row in which only that column is filled. */
function held(cases: TypeCase[], source: SqlSource): { name: string; value: SqlValue }[] {
  return cases.flatMap(({ name, written }) => {
    const value = written[source]
    return isAbsent(value) ? [] : [{ name, value }]
  })
}

/** Statements that make and fill the table of a family. */
export function tableSql(
  table: string,
  cases: TypeCase[],
  source: SqlSource,
  quote: (name: string) => string,
  key: string,
): string[] {
  const columns = held(cases, source)
  const shape = columns.map(({ name, value }) => `${quote(name)} ${value.type}`)
  return [
    `create table ${table} (${[`id ${key}`, ...shape].join(', ')})`,
    ...columns.map(({ name, value }) =>
      value.sql === COMPUTED
        ? `insert into ${table} (id) values ('${name}')`
        : `insert into ${table} (id, ${quote(name)}) values ('${name}', ${value.sql})`,
    ),
  ]
}
