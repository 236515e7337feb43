import type { WarehouseSession } from '../../core/warehouse.ts'
import { median, seconds } from './measure.ts'

export const COLUMNS =
  'id, kind, given_name, family_name, birth_date, gender, language, country, job_title, industry, employees, website, ' +
  'created_at, updated_at, source, source_object, source_id'

type Engine = 'postgres' | 'mysql' | 'duckdb'

/** What somebody would write by hand for the mapping of the benches: the same columns, and no test of any row. */
export const byHand = (name: Engine, people: string): string => handWritten(name, people, (it) => it)

/**
 * The same, by somebody who keeps out the very rows that ours keeps out, and gives its columns the same meaning: on MariaDB
 * texts compare by their bytes, and on DuckDB a clock of UTC is an instant. A test for each column, in a form that is known as fast.
 * @param tests  see `TESTS`; fewer where constraints prove them
 */
export function byHandTested(name: Engine, people: string, tests: string[]): string {
  const bytes = ' collate utf8mb4_nopad_bin'
  const as = (sql: string, kind: 'text' | 'instant') => {
    if (name === 'mysql' && kind === 'text') return sql + bytes
    return name === 'duckdb' && kind === 'instant' ? `make_timestamptz(epoch_us(${sql}))` : sql
  }
  const where = tests.length > 0 ? ` where ${tests.join(' and ')}` : ''
  return handWritten(name, people, as) + where
}

function handWritten(
  name: Engine,
  people: string,
  as: (sql: string, kind: 'text' | 'instant') => string,
): string {
  const id = name === 'mysql' ? `concat('bench:people:', people_id)` : `'bench:people:' || people_id`
  const type = name === 'mysql' ? 'char(191)' : 'varchar(191)'
  const text = (sql: string, column = sql) => `${as(sql, 'text')} as ${column}`
  const instant = (sql: string, column: string) => `${as(sql, 'instant')} as ${column}`
  const columns = [
    ...[
      text(`cast(${id} as ${type})`, 'id'),
      text(`'person'`, 'kind'),
      text('given_name'),
      text('family_name'),
    ],
    ...['born as birth_date', text('gender'), text('language'), text('country'), text('job', 'job_title')],
    ...[text('branch', 'industry'), 'staff as employees', text('site', 'website')],
    ...[instant('made_at', 'created_at'), instant('changed_at', 'updated_at'), text(`'bench'`, 'source')],
    ...[text(`'people'`, 'source_object'), text(`cast(people_id as ${type})`, 'source_id')],
  ]
  return `select ${columns.join(', ')} from ${people}`
}

export const TIMES_OF_PEOPLE = ['born', 'made_at', 'changed_at']
export const TEXTS_OF_PEOPLE = [
  ...['given_name', 'family_name', 'gender', 'language', 'country', 'job', 'branch', 'site'],
]

const inYears = (it: string, type: string, zone = ''): string =>
  it === 'born'
    ? `born between date '1000-01-01' and date '9999-12-31'`
    : `${it} between ${type} '1000-01-01 00:00:00${zone}' and ${type} '9999-12-31 23:59:59.999999${zone}'`

/** What must hold of a row that has a place in the warehouse, cheap tests first. */
export const TESTS: Record<Engine, string[]> = {
  postgres: TIMES_OF_PEOPLE.map((it) => `(${it} is null or ${inYears(it, 'timestamptz', '+00')})`),
  mysql: [
    // By sql_mode a day may be 0, its month too, or one that no month has; there is no last day of a month 0.
    ...TIMES_OF_PEOPLE.map((it) => {
      const exists = `dayofmonth(${it}) between 1 and dayofmonth(last_day(${it}))`
      return `(${it} is null or ${inYears(it, 'timestamp')} and ${exists})`
    }),
    ...TEXTS_OF_PEOPLE.map((it) => `(${it} is null or locate(x'00', cast(${it} as binary)) = 0)`),
  ],
  duckdb: [
    ...TIMES_OF_PEOPLE.map((it) => `(${it} is null or ${inYears(it, 'timestamp')})`),
    ...TEXTS_OF_PEOPLE.map((it) => `(${it} is null or not contains(${it}, chr(0)))`),
  ],
}

const NUL: Partial<Record<Engine, string>> = {
  mysql: `concat('a', x'00', 'b')`,
  duckdb: `'a' || chr(0) || 'b'`,
}
const ODD_TIMES: Record<Engine, Record<string, string[]>> = {
  postgres: {
    born: ['0999-12-31', '10000-01-01', 'infinity', '-infinity', '0044-03-15 BC'],
    made_at: ['0999-12-31 23:59:59.999999+00', '10000-01-01 00:00+00', 'infinity', '-infinity'],
    changed_at: ['infinity', '0044-03-15 00:00+00 BC'],
  },
  mysql: {
    born: ['0000-00-00', '0999-12-31', '2024-02-31', '2023-02-29', '2024-00-10', '2024-10-00', '2024-00-00'],
    made_at: ['0000-00-00', '0999-12-31 23:59:59.999999', '2024-02-31 10:00', '2024-00-10 10:00'],
    changed_at: ['2024-10-00 10:00', '2023-04-31'],
  },
  duckdb: {
    born: ['0999-12-31', '10000-01-01', 'infinity', '-infinity', '0044-03-15 (BC)'],
    made_at: ['0999-12-31 23:59:59.999999', '10000-01-01 00:00', 'infinity', '-infinity'],
    changed_at: ['infinity'],
  },
}
const FINE_TIMES = ['1000-01-01', '9999-12-31', '2024-02-29']

/** Statements for rows that are kept out, each for one reason, and for some that just are not; all have keys below zero. */
export interface OddRows {
  odd: string[]
  fine: string[]
}

export function oddRows(name: Engine, people: string): OddRows {
  let key = 0
  const row = (column: string, value: string) => {
    key -= 1
    return `insert into ${people} (people_id, ${column}) values (${key}, ${value})`
  }
  const nul = NUL[name]
  const oddTimes = Object.entries(ODD_TIMES[name])
  return {
    odd: [
      ...oddTimes.flatMap(([column, values]) => values.map((it) => row(column, `'${it}'`))),
      ...(nul ? TEXTS_OF_PEOPLE.map((it) => row(it, nul)) : []),
    ],
    fine: [
      ...oddTimes.flatMap(([column]) => FINE_TIMES.map((it) => row(column, `'${it}'`))),
      ...TEXTS_OF_PEOPLE.map((it) => row(it, `''`)),
    ],
  }
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

/** Ours, and two by hand: see `byHand` and `byHandTested`. */
export const VIEWS = { ours: 'view', hand: 'view by hand', tested: 'view by hand, with the same tests' }

type Session = Pick<WarehouseSession, 'query'>

/** The queries over each of the views, in turn, into `taken` as `<view>, <query><of>`: the median of seven. */
export async function timeViews(
  session: Session,
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

/** @throws {Error} two views show other rows: in number, or in the least, the largest or the lengths of a column */
export async function sameRows(
  session: Session,
  one: string,
  other: string,
  bytes = 'octet_length',
): Promise<number> {
  const sums = COLUMNS.split(', ').flatMap((it, at) => [
    `count(${it}) as c${at}, min(${it}) as a${at}, max(${it}) as z${at}`,
    ...(TEXTS.test(it) ? [`sum(${bytes}(${it})) as s${at}`] : []),
  ])
  const [of, than] = await Promise.all(
    [one, other].map((it) => session.query(`select count(*) as n, ${sums.join(', ')} from ${it}`)),
  )
  const said = (it: unknown) =>
    JSON.stringify(it, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  if (said(of) !== said(than)) throw new Error(`Other rows:\n${said(of)}\n${said(than)}`)
  return Number(of![0]!['n'])
}

/**
 * Do ours and the one with the same tests show the same rows, and keep the same ones out?
 * @param says  runs statements, in one session
 * @throws {Error} they do not
 */
export async function proveAlike(
  session: Session,
  [ours, tested]: [string, string],
  { odd, fine }: OddRows,
  says: (sql: string[]) => Promise<unknown>,
  { people, bytes }: { people: string; bytes?: string },
): Promise<void> {
  const rows = await sameRows(session, ours, tested, bytes)
  await says([...odd, ...fine])
  const more = (await sameRows(session, ours, tested, bytes)) - rows
  if (more !== fine.length)
    throw new Error(`${more} of the odd rows are shown, and ${fine.length} should be.`)
  await says([`delete from ${people} where people_id < 0`])
}
