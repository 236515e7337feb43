import { exact, no, only, reject, sql, type TypeCase, text, unreadable, type Written } from '../case.ts'

const c = (name: string, written: Written, outcome: TypeCase['outcome'], to = 'text'): TypeCase => ({
  name,
  to,
  written,
  outcome,
})
/** A text that arrives as it is, in its column and in `attributes`. */
const kept = (name: string, value: string): TypeCase => ({
  ...c(name, text(value), exact(value)),
  attribute: JSON.stringify(value),
})

const UUID = '6f9619ff-8b86-d011-b42d-00cf4fc964ff'
const SAYS_TEXT = no('the server takes text of its encoding only')
const broken = (bytes: string): Buffer => Buffer.from(bytes, 'latin1')
const blob = (hex: string, mysql: string): Written => {
  const base64 = Buffer.from(hex, 'hex').toString('base64')
  return {
    postgres: sql('bytea', `'\\x${hex}'`),
    mysql: sql(mysql, `x'${hex}'`),
    sqlite: sql('blob', `x'${hex}'`),
    parquet: sql('blob', `unhex('${hex}')`),
    csv: `"${base64}"`,
    json: `"${base64}"`,
  }
}
const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'

export const TEXTS: TypeCase[] = [
  kept('empty', ''),
  kept('blank', ' '),
  kept('blanks_behind', 'a  '),
  kept('blanks_before', '  a'),
  kept('tab', 'a\tb\t'),
  kept('line_ends', 'a\nb\r\nc\r'),
  kept('controls', '\u0001\u001f\u007f\u0085\u2028'),
  kept('quotes', `'one' "two" \`three\``),
  kept('backslashes', '\\ \\N \\. \\0 \\u0000 \\x41'),
  kept('word_null', 'NULL'),
  kept('word_n', '\\N'),
  kept('comma', 'a,b;c\td'),
  kept('emoji', `😀🇳🇱${FAMILY}`),
  kept('nfc', '\u00e9'),
  kept('nfd', 'e\u0301'),
  kept('hangul_nfd', '\u1112\u1161\u11ab'),
  kept('mark_first', '\uFEFFa'),
  kept('mark_inside', 'a\uFEFFb'),
  kept('replacement', 'a\uFFFDb'),
  kept('noncharacter', '\uFFFE\uFFFF\u{10FFFF}'),
  kept('right_to_left', '\u202Eabc \u05D0'),
  kept('case', 'ß İ ı ſ'),
  kept('zeros_before', '007'),
  kept('formula', '=1+1'),
  c('long', text('é😀x'.repeat(20_000), { mysql: 'mediumtext' }), exact('é😀x'.repeat(20_000))),
  kept('mark_long', `\uFEFF${'long'.repeat(9)}`),
  c('nul', text('a\0b'), reject('E505')),
  c('nul_last', text('ab\0'), reject('E505')),
  c('half_pair', only({ json: '"a\\ud83d"' }), reject('E505')),
  c('half_pair_second', only({ json: '"\\ude00a"' }), reject('E505')),
  c('pair_escaped', only({ json: '"\\ud83d\\ude00"' }), exact('😀')),
  c(
    'no_utf8',
    {
      postgres: SAYS_TEXT,
      mysql: SAYS_TEXT,
      sqlite: no('a case of its own: it has no encoding to choose'),
      parquet: no('the engine writes valid text only'),
      csv: broken('a\xffb'),
      json: broken('"a\xffb"'),
    },
    unreadable('E442'),
  ),
  c(
    'surrogate_bytes',
    {
      postgres: SAYS_TEXT,
      mysql: SAYS_TEXT,
      sqlite: no('a case of its own: it has no encoding to choose'),
      parquet: no('the engine writes valid text only'),
      csv: broken('\xed\xa0\x80'),
      json: broken('"\xed\xa0\x80"'),
    },
    unreadable('E442'),
  ),
  c('no_utf8_sqlite', only({ sqlite: sql('text', "cast(x'636166e9' as text)") }), unreadable('E444')),
  c(
    'char_padded',
    { ...text('ab'), postgres: sql('char(5)', "'ab'"), mysql: sql('char(5)', "'ab'") },
    exact('ab'),
  ),
  c('latin1', { ...text('é€'), mysql: sql('varchar(9) character set latin1', "'é€'") }, exact('é€')),
  c('three_emoji', text('😀😀😀'), exact('😀😀😀'), 'text(3)'),
  c('four_emoji', text('😀😀😀😀'), reject('E506'), 'text(3)'),
  c('id_longest', text('x'.repeat(191)), exact('x'.repeat(191)), 'id'),
  c('id_too_long', text('x'.repeat(192)), reject('E506'), 'id'),
  c(
    'uuid',
    {
      ...text(UUID),
      postgres: sql('uuid', `'${UUID.toUpperCase()}'`),
      mysql: sql('uuid', `'${UUID.toUpperCase()}'`),
      parquet: sql('uuid', `'${UUID.toUpperCase()}'`),
    },
    exact(UUID),
  ),
  c('inet', { ...text('::1'), postgres: sql('inet', "'::1'"), mysql: sql('inet6', "'::1'") }, exact('::1')),
  c('inet_net', only({ postgres: sql('inet', "'10.0.0.1/8'") }), exact('10.0.0.1/8')),
  c('money', only({ postgres: sql('money', "'1234.50'") }), exact('$1,234.50')),
  c('money_decimal', only({ postgres: sql('money', "'1234.50'") }), reject('E509'), 'decimal(18,4)'),
  c(
    'enum',
    {
      ...text('sad'),
      postgres: sql('mood', "'sad'"),
      mysql: sql("enum('glad','sad')", "'sad'"),
      parquet: sql("enum('glad','sad')", "'sad'"),
    },
    exact('sad'),
  ),
  c('enum_empty', only({ mysql: sql("enum('a')", "''"), csv: '""' }), exact('')),
  c('set', { ...text('x,y'), mysql: sql("set('x','y')", "'y,x'") }, exact('x,y')),
  c('domain', { ...text('abc'), postgres: sql('word', "'abc'") }, exact('abc')),
  c('composite', only({ postgres: sql('pair', "'(1,x)'") }), exact('(1,x)')),
  c('range', only({ postgres: sql('int4range', "'[1,5)'") }), exact('[1,5)')),
  c('xml', only({ postgres: sql('xml', "'<a/>'") }), exact('<a/>')),
  c('bits', only({ postgres: sql('bit(3)', "B'011'") }), exact('011')),
  c('point', only({ postgres: sql('point', "'(1,0.30000000000000004)'") }), exact('(1,0.30000000000000004)')),
  c(
    'geometry',
    only({ mysql: sql('point', 'point(1, 0.30000000000000004)') }),
    exact('POINT(1 0.30000000000000004)'),
  ),
  c(
    'generated',
    {
      ...text('6'),
      postgres: sql('int generated always as (length(id) - 3) stored', 'default'),
      mysql: sql('int generated always as (length(id) - 3) virtual', 'default'),
      sqlite: sql('int generated always as (length(id) - 3) virtual', 'default'),
      parquet: no('Parquet computes nothing'),
    },
    exact('6'),
  ),
  c('blob', blob('00ff10', 'blob'), exact('AP8Q')),
  c('blob_empty', blob('', 'varbinary(9)'), exact('')),
  c('blob_padded', blob('dead0000', 'binary(4)'), exact('3q0AAA==')),
  c(
    'tree_as_text',
    {
      ...text('x'),
      postgres: sql('jsonb', `'{"a":1}'`),
      mysql: sql('json', `'{"a":1}'`),
      sqlite: no('SQLite has texts'),
      parquet: sql('json', `'{"a":1}'`),
      csv: no('CSV has texts'),
      json: '{"a":1}',
    },
    reject('E504'),
  ),
]
