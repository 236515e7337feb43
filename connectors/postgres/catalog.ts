import type { SqlColumn, SqlTable } from '../sql-types.ts'
import { type PgColumn, type PgType, toColumn } from './types.ts'

/** Runs one query; all values come as text. */
export type Ask = (sql: string, binds?: string[]) => Promise<(string | null)[][]>

// information_schema lacks materialized views and shows keys only to owners: hence pg_class.
const TABLES = `
select n.nspname, c.relname, c.relkind, c.reltuples::bigint, obj_description(c.oid, 'pg_class'),
       has_schema_privilege(n.oid, 'USAGE')
         and (has_table_privilege(c.oid, 'SELECT') or has_any_column_privilege(c.oid, 'SELECT'))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
   and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
 order by n.nspname, c.relname`

export async function tables(ask: Ask): Promise<SqlTable[]> {
  const rows = await ask(TABLES)
  return rows.map(([schema, name, kind, estimate, description, readable]) => ({
    schema: schema!,
    name: name!,
    kind: kind === 'v' || kind === 'm' ? 'view' : 'table',
    // Below zero: never analysed. A view has none, a partitioned table's lies in its parts.
    ...(kind !== 'v' && kind !== 'p' && Number(estimate) >= 0 ? { rows: Number(estimate) } : {}),
    ...(description === null ? {} : { description }),
    readable: readable === 't',
  }))
}

const RELATION =
  '(select c.oid from pg_class c where c.relname = $2 and c.relnamespace = (select n.oid from pg_namespace n where n.nspname = $1))'

const COLUMNS = `
select a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       col_description(a.attrelid, a.attnum), coalesce(l.collisdeterministic, true)
  from pg_attribute a left join pg_collation l on l.oid = a.attcollation
 where a.attrelid = ${RELATION} and a.attnum > 0 and not a.attisdropped
   and has_column_privilege(a.attrelid, a.attnum, 'SELECT')
 order by a.attnum`

/**
 * Provider and locale, spelt alike for the database's own collation and for others; `?` where unlike texts may be equal.
 * Names of columns differ by version: as JSON a missing one is no error.
 */
export const COLLATIONS = `
select a.attname, case
         when not l.collisdeterministic then '?'
         when l.collprovider = 'd' then concat_ws(' ', coalesce(to_jsonb(d)->>'datlocprovider', 'c'),
           coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', d.datcollate::text))
         else concat_ws(' ', l.collprovider,
           coalesce(to_jsonb(l)->>'colllocale', to_jsonb(l)->>'colliculocale', l.collcollate::text)) end
  from pg_attribute a join pg_collation l on l.oid = a.attcollation
  join pg_database d on d.datname = current_database()
 where a.attrelid = ${RELATION} and a.attnum > 0 and not a.attisdropped`

/** The columns' types with the types that they are made of (domains, arrays). */
const TYPES = `
with recursive used as (
  select t.* from pg_type t
   where t.oid in (select a.atttypid from pg_attribute a where a.attrelid = ${RELATION} and a.attnum > 0)
  union
  select t.* from pg_type t join used u on t.oid = u.typbasetype or (u.typcategory = 'A' and t.oid = u.typelem)
)
select u.oid, case when n.nspname = 'pg_catalog' then u.typname else n.nspname || '.' || u.typname end,
       u.typtype, u.typbasetype, case when u.typcategory = 'A' then u.typelem else 0 end, u.typdelim
  from used u join pg_namespace n on n.oid = u.typnamespace`

export async function columns(ask: Ask, table: SqlTable): Promise<SqlColumn[]> {
  const binds = [table.schema, table.name]
  const types = new Map((await ask(TYPES, binds)).map((row) => [row[0]!, asType(row as string[])]))
  return (await ask(COLUMNS, binds)).map((row) => toColumn(asColumn(row), types))
}

const asType = ([oid, name, kind, base, element, delimiter]: string[]): PgType => ({
  oid: oid!,
  name: name!,
  kind: kind!,
  base: base!,
  element: element!,
  delimiter: delimiter!,
})

const asColumn = ([name, typeOid, sourceType, notNull, description, exact]: (string | null)[]): PgColumn => ({
  name: name!,
  typeOid: typeOid!,
  sourceType: sourceType!,
  nullable: notNull !== 't',
  description: description ?? null,
  exactText: exact === 't',
})

const KEY = `
select a.attname
  from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, place)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
 where i.indrelid = ${RELATION} and i.indisprimary
 order by k.place`

export async function key(ask: Ask, table: SqlTable): Promise<string[]> {
  return (await ask(KEY, [table.schema, table.name])).map(([name]) => name!)
}
