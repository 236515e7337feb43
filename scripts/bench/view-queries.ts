import type { WarehouseSession } from '../../core/warehouse.ts'
import { median, seconds } from './measure.ts'

export const COLUMNS =
  'id, kind, given_name, family_name, birth_date, gender, language, country, job_title, industry, employees, website, ' +
  'created_at, updated_at, source, source_object, source_id'

/** What somebody would write by hand for the mapping of the benches: the same columns, and no test of any row. */
export const byHand = (name: 'postgres' | 'mysql' | 'duckdb', people: string): string => {
  const id = name === 'mysql' ? `concat('bench:people:', people_id)` : `'bench:people:' || people_id`
  const text = name === 'mysql' ? 'char(191)' : 'varchar(191)'
  return (
    `select cast(${id} as ${text}) as id, 'person' as kind, given_name, family_name, born as birth_date, gender, language, ` +
    'country, job as job_title, branch as industry, staff as employees, site as website, made_at as created_at, ' +
    `changed_at as updated_at, 'bench' as source, 'people' as source_object, cast(people_id as ${text}) as source_id ` +
    `from ${people}`
  )
}

/** By a view, and by the same one written by hand. @param bytes  the engine's function for the length of a text */
export const QUERIES: Record<string, (of: string, bytes?: string) => string> = {
  count: (of) => `select count(*) as n from ${of}`,
  filtered: (of) => `select max(job_title) as n from ${of} where family_name like '%99' and employees > 500`,
  whole: (of, bytes = 'octet_length') => {
    const some = COLUMNS.split(', ').map((it) => (TEXTS.test(it) ? `${bytes}(${it})` : it))
    return `select ${some.map((it, at) => `max(${it}) as n${at}`).join(', ')} from ${of}`
  },
}
const TEXTS = /^(?!birth_date|employees|.*_at$)/
const TIMES = 7

/** The queries over each of the views, in turn, into `taken` as `<view>, <query><of>`: the median of seven. */
export async function timeViews(
  session: Pick<WarehouseSession, 'query'>,
  views: Record<string, string>,
  of: string,
  taken: Record<string, number>,
  bytes?: string,
): Promise<void> {
  for (const [what, query] of Object.entries(QUERIES)) {
    const times = new Map<string, number[]>(Object.keys(views).map((who) => [who, []]))
    for (let i = 0; i < TIMES; i++)
      for (const [who, view] of Object.entries(views))
        times.get(who)!.push(await seconds(() => session.query(query(view, bytes))))
    for (const [who, all] of times) taken[`${who}, ${what}${of}`] = median(all)
  }
}
