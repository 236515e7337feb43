import type { JoinedUpdate, PartTable } from './engine.ts'

/** What PostgreSQL and DuckDB say alike. */

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const relation = (schema: string, name: string): string => `${quote(schema)}.${quote(name)}`

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const differs = (a: string, b: string): string => `${a} is distinct from ${b}`

export function update({ target, from, on, set }: JoinedUpdate): string {
  const assignments = set.map(([column, sql]) => `${quote(column)} = ${sql}`)
  return `update ${target} as t set ${assignments.join(', ')} from ${from} as s where ${on}`
}

export function describe(kind: 'table' | 'view', of: string, part: PartTable): string[] {
  return [
    `comment on ${kind} ${of} is ${literal(part.description)}`,
    ...part.columns.map(
      ({ name, description }) => `comment on column ${of}.${quote(name)} is ${literal(description)}`,
    ),
  ]
}
