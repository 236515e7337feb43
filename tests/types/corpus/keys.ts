import { no, only, sql, text, type Written } from '../case.ts'

/** Values of one type, all different, each with the text that it has in the ids of rows. */
export interface KeyKind {
  name: string
  values: { id: string; written: Written }[]
}

const int = (id: string): Written => ({
  ...text(id),
  postgres: sql('bigint', id),
  mysql: sql('bigint', id),
  sqlite: sql('integer', id === '-9223372036854775808' ? '-9223372036854775807 - 1' : id),
  parquet: sql('bigint', id),
  csv: id,
  json: id,
})
const decimal = (id: string): Written => ({
  ...int(id),
  postgres: sql('numeric(38,10)', id),
  mysql: sql('decimal(38,10)', id),
  sqlite: no('SQLite keeps it as a double'),
  parquet: sql('decimal(38,10)', id),
})
const instant = (id: string): Written => ({
  ...text(id),
  postgres: sql('timestamptz', `'${id}'`),
  mysql: sql('timestamp(6) null', `'${id.replace('T', ' ').replace('Z', '')}'`),
  parquet: sql('timestamptz', `'${id}'`),
})
const local = (id: string): Written => ({
  ...text(id),
  postgres: sql('timestamp', `'${id}'`),
  mysql: sql('datetime(6)', `'${id}'`),
  parquet: sql('timestamp', `'${id}'`),
})
const double = (id: string): Written =>
  only({
    postgres: sql('float8', id),
    mysql: sql('double', id),
    sqlite: sql('real', id),
    parquet: sql('double', id),
  })
const padded = (id: string): Written => ({
  ...text(id),
  postgres: sql('char(8)', `'${id}'`),
  mysql: sql('char(8) character set utf8mb4 collate utf8mb4_bin', `'${id}'`),
})
const bytewise = (id: string): Written =>
  text(id, { mysql: 'varchar(60) character set utf8mb4 collate utf8mb4_nopad_bin' })

const kind = (name: string, ids: string[], write: (id: string) => Written): KeyKind => ({
  name,
  values: ids.map((id) => ({ id, written: write(id) })),
})

export const KEYS: KeyKind[] = [
  kind(
    'whole',
    [
      '0',
      '-1',
      '9007199254740991',
      '9007199254740992',
      '9007199254740993',
      '-9007199254740993',
      '9223372036854775806',
      '9223372036854775807',
      '-9223372036854775808',
    ],
    int,
  ),
  kind(
    'exact',
    [
      '0.1',
      '0.10001',
      '1.1',
      '12345678901234567.8900000001',
      '12345678901234567.8900000002',
      '1234567890123456789012345678.0123456789',
    ],
    decimal,
  ),
  kind(
    'real',
    ['0.1', '0.10000000000000002', '0.30000000000000004', '91063.95831876689', '91063.95831876688', '-1.5'],
    double,
  ),
  kind(
    'instant',
    [
      '2026-03-29T01:30:00.123456Z',
      '2026-03-29T01:30:00.123457Z',
      '2026-10-25T00:30:00.000000Z',
      '2026-10-25T01:30:00.000000Z',
    ],
    instant,
  ),
  kind(
    'local',
    ['2026-03-29T02:30:00.000000', '2026-03-29T03:30:00.000000', '2026-10-25T02:30:00.000001'],
    local,
  ),
  kind(
    'words',
    [
      'a',
      'A',
      'a ',
      ' a',
      'á',
      'a\u0301',
      '😀',
      '🇳🇱',
      '007',
      '7',
      '7.0',
      'ß',
      'ss',
      '\uFEFFa',
      'a\tb',
      "it's",
      'back\\slash',
    ],
    bytewise,
  ),
  kind('padded', ['ab', 'abc', 'AB'], padded),
]
