import { changed, exact, no, only, reject, sql, type TypeCase, text, type Written } from '../case.ts'

const NO_SUCH_DAY = no('the server refuses such a day')
const NO_YEAR = no('MariaDB has the years 0 to 9999')
const NO_WORD = no('the type has no such value')

/** An instant, given as `2026-03-29 01:30:00.123456`, UTC. */
const instant = (utc: string): Written => ({
  postgres: sql('timestamptz', `'${utc}+00'`),
  mysql: sql('timestamp(6) null', `'${utc}'`),
  sqlite: sql('text', `'${utc}Z'`),
  parquet: sql('timestamptz', `'${utc}+00'`),
  csv: `${utc}Z`,
  json: `"${utc.replace(' ', 'T')}Z"`,
})
/** A time on a wall clock. */
const local = (wall: string): Written => ({
  postgres: sql('timestamp', `'${wall}'`),
  mysql: sql('datetime(6)', `'${wall}'`),
  sqlite: sql('datetime', `'${wall}'`),
  parquet: sql('timestamp', `'${wall}'`),
  csv: wall,
  json: `"${wall}"`,
})
const day = (date: string): Written => ({
  postgres: sql('date', `'${date}'`),
  mysql: sql('date', `'${date}'`),
  sqlite: sql('date', `'${date}'`),
  parquet: sql('date', `'${date}'`),
  csv: date,
  json: `"${date}"`,
})
const withoutMysqlTimestamp = (utc: string): Written => ({
  ...instant(utc),
  mysql: no('a MariaDB timestamp lies between 1970 and 2038'),
})
const zero = (written: Written): Written => ({
  ...written,
  postgres: NO_SUCH_DAY,
  parquet: NO_SUCH_DAY,
})
const later = (written: Written): Written => ({ ...written, mysql: NO_YEAR })
const endless = (type: string): Written => ({
  ...text('infinity'),
  postgres: sql(type, "'infinity'"),
  mysql: NO_WORD,
  parquet: sql(type, "'infinity'"),
})

interface Rest {
  zone?: string
  attribute?: string
}
const c = (name: string, to: string, written: Written, outcome: TypeCase['outcome'], rest: Rest = {}) => ({
  name,
  to,
  written,
  outcome,
  ...rest,
})
const at = (name: string, written: Written, outcome: TypeCase['outcome'], zone?: string) =>
  c(name, 'timestamp', written, outcome, zone === undefined ? {} : { zone })
const on = (name: string, written: Written, outcome: TypeCase['outcome'], zone?: string) =>
  c(name, 'date', written, outcome, zone === undefined ? {} : { zone })

const NANOS = '2026-03-29 01:30:00.123456789'
const nanos = (wall: string): Written => ({
  postgres: no('PostgreSQL has microseconds'),
  mysql: no('MariaDB has microseconds'),
  sqlite: sql('text', `'${wall}'`),
  parquet: sql('timestamp_ns', `'${wall}'`),
  csv: wall,
  json: `"${wall}"`,
})

/** The project's zone is Europe/Amsterdam, where nothing else is said. */
export const TIMES: TypeCase[] = [
  at('at_micros', instant('2026-03-29 01:30:00.123456'), exact('2026-03-29T01:30:00.123456Z')),
  at('at_last_micro', instant('2026-12-31 23:59:59.999999'), exact('2026-12-31T23:59:59.999999Z')),
  at('at_1969', withoutMysqlTimestamp('1969-12-31 23:59:59.999999'), exact('1969-12-31T23:59:59.999999Z')),
  at('at_first', withoutMysqlTimestamp('1000-01-01 00:00:00.000000'), exact('1000-01-01T00:00:00.000000Z')),
  at('at_last', withoutMysqlTimestamp('9999-12-31 23:59:59.999999'), exact('9999-12-31T23:59:59.999999Z')),
  at('at_1582', withoutMysqlTimestamp('1582-10-10 12:00:00.000000'), exact('1582-10-10T12:00:00.000000Z')),
  at('at_year_1', withoutMysqlTimestamp('0001-01-01 00:00:00.000000'), reject('E513')),
  at('at_year_999', withoutMysqlTimestamp('0999-12-31 23:59:59.999999'), reject('E513')),
  at('at_year_10000', later(withoutMysqlTimestamp('10000-01-01 00:00:00.000000')), reject('E513')),
  at(
    'at_bc',
    {
      ...text('0044-03-15 00:00:00+00 BC'),
      postgres: sql('timestamptz', "'0044-03-15 00:00:00+00 BC'"),
      parquet: sql('timestamptz', "'0044-03-15 (BC) 00:00:00+00'"),
    },
    reject('E513'),
  ),
  at('at_infinity', endless('timestamptz'), reject('E513')),
  at(
    'at_minus_infinity',
    only({ postgres: sql('timestamp', "'-infinity'"), csv: '-infinity' }),
    reject('E513'),
  ),
  at('at_offset', text('2026-03-29T02:30:00+02:00'), exact('2026-03-29T00:30:00.000000Z')),
  at('at_offset_odd', text('2026-03-29 12:00:00+05:45'), exact('2026-03-29T06:15:00.000000Z')),
  at('at_out_of_years', text('9999-12-31T23:59:59-01:00'), reject('E513')),
  at('nanos_cut', nanos(NANOS), changed('2026-03-29T01:30:00.123456Z', 'E540'), 'UTC'),
  at(
    'nanos_down',
    nanos('2026-03-29 01:30:00.999999999'),
    changed('2026-03-29T01:30:00.999999Z', 'E540'),
    'UTC',
  ),
  at('nanos_zero', nanos('2026-03-29 01:30:00.123456000'), exact('2026-03-29T01:30:00.123456Z'), 'UTC'),
  at('spring_before', local('2026-03-29 01:59:59.999999'), exact('2026-03-29T00:59:59.999999Z')),
  at('spring_gap', local('2026-03-29 02:30:00'), changed('2026-03-29T01:30:00.000000Z', 'E541')),
  at(
    'spring_gap_micros',
    local('2026-03-29 02:30:00.123456'),
    changed('2026-03-29T01:30:00.123456Z', 'E541'),
  ),
  at('spring_after', local('2026-03-29 03:00:00'), exact('2026-03-29T01:00:00.000000Z')),
  at('autumn_twice', local('2026-10-25 02:30:00'), exact('2026-10-25T00:30:00.000000Z')),
  at('autumn_twice_end', local('2026-10-25 02:59:59.999999'), exact('2026-10-25T00:59:59.999999Z')),
  at('autumn_after', local('2026-10-25 03:00:00'), exact('2026-10-25T02:00:00.000000Z')),
  at('gap_in_utc', local('2026-03-29 02:30:00'), exact('2026-03-29T02:30:00.000000Z'), 'UTC'),
  at(
    'gap_of_half_an_hour',
    local('2026-10-04 02:15:00'),
    changed('2026-10-03T15:45:00.000000Z', 'E541'),
    'Australia/Lord_Howe',
  ),
  at(
    'gap_at_midnight',
    local('2018-11-04 00:00:00'),
    changed('2018-11-04T03:00:00.000000Z', 'E541'),
    'America/Sao_Paulo',
  ),
  at('day_as_instant', day('2026-07-01'), exact('2026-06-30T22:00:00.000000Z')),
  at('local_year_1', local('0001-01-01 00:00:00'), reject('E513')),
  at('local_last', local('9999-12-31 23:59:59.999999'), exact('9999-12-31T22:59:59.999999Z')),
  at('zero_instant', zero(local('0000-00-00 00:00:00')), reject('E513')),
  at('zero_day_instant', zero(local('2026-00-00 10:00:00')), reject('E513')),
  at('zero_timestamp', only({ mysql: sql('timestamp null', "'0000-00-00 00:00:00'") }), reject('E513')),
  at(
    'epoch',
    {
      ...text('0'),
      postgres: sql('bigint', '1774747800'),
      mysql: sql('bigint', '1774747800'),
      sqlite: sql('integer', '1774747800'),
      parquet: sql('bigint', '1774747800'),
      csv: no('CSV has texts, which no number is guessed in'),
      json: '1774747800',
    },
    reject('E515'),
  ),
  on('day', day('2026-03-29'), exact('2026-03-29')),
  on('leap_day', day('2024-02-29'), exact('2024-02-29')),
  on('first_day', day('1000-01-01'), exact('1000-01-01')),
  on('last_day', day('9999-12-31'), exact('9999-12-31')),
  on('year_1', day('0001-01-01'), reject('E512')),
  on('year_10000', later(day('10000-01-01')), reject('E512')),
  on(
    'year_bc',
    {
      ...text('0044-03-15 BC'),
      postgres: sql('date', "'0044-03-15 BC'"),
      parquet: sql('date', "'0044-03-15 (BC)'"),
    },
    reject('E512'),
  ),
  on('day_infinity', endless('date'), reject('E512')),
  on('zero_day', zero(day('0000-00-00')), reject('E512')),
  on('zero_month', zero(day('2026-00-00')), reject('E512')),
  on('no_such_day', text('2026-02-30'), reject('E512')),
  on('midnight', local('2026-03-29 00:00:00'), exact('2026-03-29')),
  on('not_midnight', local('2026-03-29 02:30:00'), reject('E512')),
  on('midnight_there', instant('2026-03-28 23:00:00.000000'), exact('2026-03-29')),
  on('not_midnight_there', instant('2026-03-29 00:00:00.000000'), reject('E512')),
  on('us_day', text('03/29/2026'), reject('E512')),
  c('day_text', 'text', day('2026-03-29'), exact('2026-03-29'), { attribute: '"2026-03-29"' }),
  c(
    'time_text',
    'text',
    {
      ...text('02:30:00.123456'),
      postgres: sql('time', "'02:30:00.123456'"),
      mysql: sql('time(6)', "'02:30:00.123456'"),
      parquet: sql('time', "'02:30:00.123456'"),
    },
    exact('02:30:00.123456'),
    { attribute: '"02:30:00.123456"' },
  ),
  c(
    'time_24',
    'text',
    only({ postgres: sql('time', "'24:00:00'"), mysql: sql('time', "'24:00:00'") }),
    exact('24:00:00.000000'),
  ),
  c('time_long', 'text', only({ mysql: sql('time(3)', "'26:00:00.5'") }), exact('26:00:00.500000')),
  c('time_minus', 'text', only({ mysql: sql('time', "'-838:59:59'") }), exact('-838:59:59.000000')),
  c(
    'time_instant',
    'timestamp',
    only({
      mysql: sql('time', "'26:00:00'"),
      csv: '26:00:00',
      postgres: sql('time', "'02:00:00'"),
      parquet: sql('time', "'02:00:00'"),
    }),
    reject('E513'),
  ),
  c('timetz_text', 'text', only({ postgres: sql('timetz', "'12:00:00.5+02'") }), exact('12:00:00.5+02')),
  c(
    'interval_text',
    'text',
    only({ postgres: sql('interval', "'1 mon 2 days 03:04:05.678'") }),
    exact('P1M2DT3H4M5.678S'),
  ),
  c(
    'interval_mixed',
    'text',
    only({ postgres: sql('interval', "'-1 mon +2 days -00:00:00.000001'") }),
    exact('P-1M2DT-0.000001S'),
  ),
]
