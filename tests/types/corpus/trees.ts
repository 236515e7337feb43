import { exact, no, only, reject, sql, type TypeCase, type Written } from '../case.ts'

const IS_TEXT = no('a text there, which stays one text')
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const IN_LIST = no("inside a list they keep the engine's text")
const DEEP = no('MariaDB takes 32 levels')

/** JSON text in the JSON type of each source; `jsonb` where the text is not to be kept as it is. */
const tree = (json: string, type = 'json'): Written => ({
  postgres: sql(type, `'${json.replaceAll("'", "''")}'`),
  mysql: sql('json', quoted(json)),
  sqlite: IS_TEXT,
  parquet: sql('json', `'${json.replaceAll("'", "''")}'`),
  csv: IS_TEXT,
  json,
})
const c = (name: string, written: Written, stored: string): TypeCase => ({
  name,
  to: 'json',
  written,
  outcome: exact(stored),
  attribute: stored,
})
const r = (name: string, written: Written, code: 'E505' | 'E524'): TypeCase => ({
  name,
  to: 'json',
  written,
  outcome: reject(code),
})
const nest = (levels: number, inner = '') => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`
const deep = (levels: number, inner = ''): Written => ({
  ...tree(nest(levels, inner)),
  mysql: DEEP,
})
const many = `[${'0,'.repeat(999_999)}0]`

export const TREES: TypeCase[] = [
  c(
    'sorted',
    tree('{"b": 1, "a": [1, {"d": "x", "c": false}]}', 'jsonb'),
    '{"a":[1,{"c":false,"d":"x"}],"b":1}',
  ),
  c('long_integer', tree('{"n": 12345678901234567890}', 'jsonb'), '{"n":"12345678901234567890"}'),
  c('long_decimal', tree('{"n": 1234567.12345678901234}', 'jsonb'), '{"n":"1234567.12345678901234"}'),
  c('safe_integer', tree('{"n": 9007199254740991}', 'jsonb'), '{"n":9007199254740991}'),
  c('one', tree('{"n": 1.0}'), '{"n":1}'),
  c('hundred', tree('[1e2, 1E+2, 100.00]'), '[100,100,100]'),
  c('minus_zero', tree('[-0, -0.0, 0e9]'), '[0,0,0]'),
  c('huge', tree('[1e400]'), '["1e400"]'),
  c('least', tree('[5e-324]'), '[5e-324]'),
  c('nulls', tree('{"a": null, "b": [1, null, 3]}'), '{"b":[1,3]}'),
  c('twice', tree('{"a": 1, "a": 2}'), '{"a":2}'),
  c(
    'proto',
    tree('{"__proto__": {"x": 12345678901234567890}, "constructor": 1}'),
    '{"__proto__":{"x":"12345678901234567890"},"constructor":1}',
  ),
  c('empty_name', tree('{"": "x", " ": "y"}'), '{"":"x"," ":"y"}'),
  c('unicode', tree('{"é": "😀", "e\u0301": "\\ud83d\\ude00"}'), '{"e\u0301":"😀","é":"😀"}'),
  c('escapes', tree('{"a": "\\" \\\\ \\/ \\n \\t"}'), '{"a":"\\" \\\\ / \\n \\t"}'),
  c('long_in_text', tree('["12345678901234567890"]'), '["12345678901234567890"]'),
  c('empty_list', tree('[]'), '[]'),
  c('empty_object', tree('{}'), '{}'),
  c('only_text', tree('"x"'), '"x"'),
  c('levels_30', tree(nest(30)), nest(30)),
  c('levels_255', deep(255), nest(255)),
  r('levels_300', deep(300), 'E524'),
  r('levels_10000', deep(10_000), 'E524'),
  r('levels_10000_long', deep(10_000, '12345678901234567890'), 'E524'),
  r('nul_inside', tree('["a\\u0000b"]'), 'E505'),
  r(
    'half_pair_inside',
    { ...tree('["\\ud83d"]'), mysql: no('MariaDB refuses it'), parquet: no('DuckDB refuses it') },
    'E505',
  ),
  c(
    'integers',
    only({ postgres: sql('int[]', "'{1,NULL,3}'"), parquet: sql('integer[]', '[1, NULL, 3]') }),
    '[1,3]',
  ),
  c('bounds', only({ postgres: sql('int[]', "'[0:1]={7,8}'") }), '[7,8]'),
  c(
    'bigints',
    only({
      postgres: sql('bigint[]', "'{9007199254740993}'"),
      parquet: sql('bigint[]', '[9007199254740993]'),
    }),
    '["9007199254740993"]',
  ),
  c(
    'numerics',
    only({
      postgres: sql('numeric(38,10)[]', "'{1.10,12345678901234567.8900000001}'"),
      parquet: sql('decimal(38,10)[]', '[1.10, 12345678901234567.8900000001]'),
    }),
    '[1.1,"12345678901234567.8900000001"]',
  ),
  c(
    'reals',
    only({ postgres: sql('real[]', "'{0.1}'"), parquet: sql('float[]', '[0.1]') }),
    '["0.10000000149011612"]',
  ),
  c(
    'no_numbers',
    only({
      postgres: sql('float8[]', "'{NaN,Infinity,-Infinity}'"),
      parquet: sql('double[]', "['nan', 'infinity', '-infinity']"),
    }),
    '["NaN","Infinity","-Infinity"]',
  ),
  c(
    'texts',
    only({
      postgres: sql('text[]', `array['x,y', 'NULL', '', 'a"b\\c', '{}', ' ', 'a  ']`),
      parquet: sql('varchar[]', `['x,y', 'NULL', '', 'a"b\\c', '{}', ' ', 'a  ']`),
    }),
    JSON.stringify(['x,y', 'NULL', '', 'a"b\\c', '{}', ' ', 'a  ']),
  ),
  c('padded_texts', only({ postgres: sql('char(5)[]', `array['ab']`) }), '["ab"]'),
  c('moods', only({ postgres: sql('mood[]', "'{sad,glad}'") }), '["sad","glad"]'),
  c(
    'instants',
    only({
      postgres: sql('timestamptz[]', "array['2026-01-02 03:04:05.5+01'::timestamptz]"),
      parquet: IN_LIST,
    }),
    '["2026-01-02T02:04:05.500000Z"]',
  ),
  c(
    'locals',
    only({
      postgres: sql('timestamp[]', "array['2026-03-29 02:30:00'::timestamp]"),
      parquet: IN_LIST,
    }),
    '["2026-03-29T02:30:00.000000"]',
  ),
  c('bytes', only({ postgres: sql('bytea[]', "array['\\x00ff'::bytea]"), parquet: IN_LIST }), '["AP8="]'),
  c(
    'struct',
    only({
      parquet: sql(
        'struct(a decimal(38,10), b ubigint, c float)',
        '{a: 1234567890123456789012345678.0123456789, b: 18446744073709551615, c: 0.1}',
      ),
    }),
    '{"a":"1234567890123456789012345678.0123456789","b":"18446744073709551615","c":"0.10000000149011612"}',
  ),
  c(
    'parquet_map',
    only({ parquet: sql('map(varchar, double)', `MAP {'a': 'nan'::double, '"nan"': 0.1::double}`) }),
    '{"\\"nan\\"":0.1,"a":"NaN"}',
  ),
]

/** Values of megabytes. */
export const LARGE: TypeCase[] = [{ name: 'million', to: 'json', written: tree(many), outcome: exact(many) }]
