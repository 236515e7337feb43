import { changed, exact, no, only, reject, sql, type TypeCase, text, type Written } from '../case.ts'

const NOT_EXACT = no('SQLite keeps it as a double')
const NO_WORD = no('MariaDB has no such number')

/** A whole number of 64 bits. */
const int = (digits: string): Written => ({
  postgres: sql('bigint', digits),
  mysql: sql('bigint', digits),
  sqlite: sql('integer', digits),
  parquet: sql('bigint', digits),
  csv: digits,
  json: digits,
})
/** A decimal of `decimal(p,s)`. */
const dec = (digits: string, type: string): Written => ({
  postgres: sql(type.replace('decimal', 'numeric'), digits),
  mysql: sql(type, digits),
  sqlite: NOT_EXACT,
  parquet: sql(type, digits),
  csv: digits,
  json: digits,
})
const double = (digits: string): Written => ({
  postgres: sql('double precision', `'${digits}'`),
  mysql: sql('double', digits),
  sqlite: sql('real', digits),
  parquet: sql('double', digits),
  csv: digits,
  json: digits,
})
/** A number of 8 bytes that JSON and MariaDB have no word for. */
const word = (name: string, sqlite: Written['sqlite']): Written => ({
  postgres: sql('double precision', `'${name}'`),
  mysql: NO_WORD,
  sqlite,
  parquet: sql('double', `'${name}'`),
  csv: name,
  json: `"${name}"`,
})
const NAN = word('NaN', no('SQLite stores NaN as NULL'))
const INFINITE = word('Infinity', sql('real', '9e999'))
const MINUS_INFINITE = word('-Infinity', sql('real', '-9e999'))
const float = (digits: string): Written =>
  only({ postgres: sql('real', digits), mysql: sql('float', digits), parquet: sql('float', digits) })
const source = (digits: string): Written => ({
  ...double(digits),
  csv: no('a text is a decimal, never rounded'),
  json: no('a JSON number is a decimal, never rounded'),
})
const truth = (is: boolean): Written => ({
  postgres: sql('boolean', String(is)),
  mysql: sql('boolean', String(is)),
  sqlite: sql('boolean', String(is)),
  parquet: sql('boolean', String(is)),
  csv: String(is),
  json: String(is),
})

const WIDE = '1234567890123456789012345678.0123456789'
const UNSIGNED = '18446744073709551615'
const unsigned: Written = {
  postgres: sql('numeric(20)', UNSIGNED),
  mysql: sql('bigint unsigned', UNSIGNED),
  sqlite: NOT_EXACT,
  parquet: sql('ubigint', UNSIGNED),
  csv: UNSIGNED,
  json: UNSIGNED,
}
const huge: Written = {
  postgres: sql('numeric', "'1e400'"),
  mysql: no('MariaDB has 65 digits at most'),
  sqlite: no('SQLite stores Infinity'),
  parquet: no('Parquet has 38 digits at most'),
  csv: '1e400',
  json: '1e400',
}
const MONEY = 'decimal(18,4)'

const c = (name: string, to: string, written: Written, outcome: TypeCase['outcome'], attribute?: string) => ({
  name,
  to,
  written,
  outcome,
  ...(attribute === undefined ? {} : { attribute }),
})

export const NUMBERS: TypeCase[] = [
  c('int_safe', 'integer', int('9007199254740991'), exact(9007199254740991), '9007199254740991'),
  c('int_2_53', 'integer', int('9007199254740992'), exact('9007199254740992'), '"9007199254740992"'),
  c('int_2_53_1', 'integer', int('9007199254740993'), exact('9007199254740993'), '"9007199254740993"'),
  c('int_minus_2_53', 'integer', int('-9007199254740992'), exact('-9007199254740992')),
  c('int_minus_2_53_1', 'integer', int('-9007199254740993'), exact('-9007199254740993')),
  c('int_max', 'integer', int('9223372036854775807'), exact('9223372036854775807'), '"9223372036854775807"'),
  c(
    'int_min',
    'integer',
    { ...int('-9223372036854775808'), sqlite: sql('integer', '-9223372036854775807 - 1') },
    exact('-9223372036854775808'),
  ),
  c('int_unsigned', 'integer', unsigned, reject('E507'), `"${UNSIGNED}"`),
  c('unsigned_decimal', 'decimal(38,0)', unsigned, exact(UNSIGNED)),
  c('unsigned_text', 'text', unsigned, exact(UNSIGNED)),
  c('int_text', 'text', int('9007199254740993'), exact('9007199254740993')),
  c('int_double', 'double', int('9007199254740993'), changed(9007199254740992, 'E542')),
  c('int_fraction', 'integer', dec('1.5', 'decimal(3,1)'), reject('E507'), '1.5'),
  c('int_of_decimal', 'integer', dec('42.00', 'decimal(5,2)'), exact(42), '42'),
  c('int_minus_zero', 'integer', double('-0.0'), exact(0), '0'),
  c('int_small', 'integer', { ...int('2'), mysql: sql('tinyint(1)', '2') }, exact(2), '2'),
  c('int_year', 'integer', { ...int('2026'), mysql: sql('year', '2026') }, exact(2026), '2026'),
  c(
    'int_zerofill',
    'integer',
    only({ mysql: sql('int(5) zerofill', '42'), csv: '00042', json: '42' }),
    exact(42),
  ),
  c('json_one', 'integer', only({ json: '1.0' }), exact(1), '1'),
  c('json_hundred', 'integer', only({ json: '1e2' }), exact(100), '100'),
  c('json_minus_zero', 'decimal(18,4)', only({ json: '-0' }), exact('0.0000'), '0'),
  c(
    'json_exponent',
    'decimal(38,10)',
    only({ json: '12345678901234567890.5e-3', csv: '12345678901234567890.5e-3' }),
    exact('12345678901234567.8905000000'),
    '"12345678901234567.8905"',
  ),
  c('dec_wide', 'decimal(38,10)', dec(WIDE, 'decimal(38,10)'), exact(WIDE), `"${WIDE}"`),
  c('dec_wide_minus', 'decimal(38,10)', dec(`-${WIDE}`, 'decimal(38,10)'), exact(`-${WIDE}`)),
  c('dec_least', 'decimal(38,10)', dec('0.0000000001', 'decimal(38,10)'), exact('0.0000000001')),
  c('dec_wide_text', 'text', dec(WIDE, 'decimal(38,10)'), exact(WIDE)),
  c('dec_zeros', MONEY, dec('1.10', 'decimal(10,2)'), exact('1.1000'), '1.1'),
  c('dec_minus_zero', MONEY, dec('-0.00', 'decimal(10,2)'), exact('0.0000'), '0'),
  c(
    'dec_16_digits',
    MONEY,
    dec('12345678901234.0625', 'decimal(18,4)'),
    exact('12345678901234.0625'),
    '"12345678901234.0625"',
  ),
  c(
    'dec_cents',
    MONEY,
    dec('99999999999999.99', 'decimal(16,2)'),
    exact('99999999999999.9900'),
    '"99999999999999.99"',
  ),
  c('dec_fifth_place', MONEY, dec('1.00005', 'decimal(10,5)'), reject('E508'), '1.00005'),
  c('dec_tiny', 'decimal(38,10)', dec('0.00000000000000000001', 'decimal(38,20)'), reject('E508')),
  c('dec_no_room', MONEY, dec('100000000000000', 'decimal(20,2)'), reject('E508'), '100000000000000'),
  c(
    'dec_30_places',
    'decimal(38,10)',
    { ...dec('1.5', 'decimal(65,30)'), parquet: sql('decimal(38,30)', '1.5') },
    exact('1.5000000000'),
    '1.5',
  ),
  c('dec_huge', 'decimal(38,10)', huge, reject('E509')),
  c('double_huge', 'double', huge, reject('E509')),
  c('int_huge', 'integer', huge, reject('E509')),
  c('dec_comma', MONEY, text('12,50'), reject('E509'), '"12,50"'),
  c('dec_blank', MONEY, text(' 42'), reject('E509'), '" 42"'),
  c('dec_empty', MONEY, text(''), reject('E509'), '""'),
  c('dec_of_double', MONEY, source('0.12345'), exact('0.1234'), '0.12345'),
  c('dec_of_double_up', MONEY, source('0.00015'), exact('0.0002'), '0.00015'),
  c('dec_of_float', MONEY, float('0.1'), exact('0.1000'), '0.10000000149011612'),
  c('float_widened', 'double', float('0.1'), exact(0.10000000149011612), '0.10000000149011612'),
  c('float_most', 'double', float('3.4028235e38'), exact(3.4028234663852886e38)),
  c('double_tenth', 'double', double('0.1'), exact(0.1), '0.1'),
  c('double_sum', 'double', double('0.30000000000000004'), exact(0.30000000000000004)),
  c('double_least', 'double', double('5e-324'), exact(5e-324), '5e-324'),
  c('double_normal', 'double', double('2.2250738585072014e-308'), exact(2.2250738585072014e-308)),
  c('double_most', 'double', double('1.7976931348623157e308'), exact(1.7976931348623157e308)),
  c('double_big', 'double', double('1e308'), exact(1e308), '1e+308'),
  c('double_minus_zero', 'double', double('-0.0'), exact(0), '0'),
  c('double_16_digits', 'double', double('91063.95831876689'), exact(91063.95831876689)),
  c(
    'double_text',
    'text',
    { ...double('1e21'), csv: no('a text stays as it is written') },
    exact('1000000000000000000000'),
  ),
  c(
    'double_long',
    'double',
    dec('0.12345678901234567890', 'decimal(38,20)'),
    changed(0.12345678901234568, 'E542'),
  ),
  c('nan_double', 'double', NAN, reject('E509'), '"NaN"'),
  c('nan_decimal', MONEY, NAN, reject('E509')),
  c('nan_integer', 'integer', NAN, reject('E509')),
  c('nan_text', 'text', NAN, exact('NaN')),
  c('nan_boolean', 'boolean', NAN, reject('E510')),
  c('nan_numeric', 'decimal(38,10)', only({ postgres: sql('numeric', "'NaN'") }), reject('E509'), '"NaN"'),
  c('infinite_numeric', 'double', only({ postgres: sql('numeric', "'-Infinity'") }), reject('E509')),
  c('infinite_double', 'double', INFINITE, reject('E509'), '"Infinity"'),
  c('infinite_decimal', MONEY, MINUS_INFINITE, reject('E509'), '"-Infinity"'),
  c('true_boolean', 'boolean', truth(true), exact(true)),
  c('false_boolean', 'boolean', truth(false), exact(false)),
  c('true_text', 'boolean', text('TRUE'), exact(true), '"TRUE"'),
  c('yes_boolean', 'boolean', text('yes'), reject('E510')),
  c('two_boolean', 'boolean', { ...int('2'), mysql: sql('tinyint(1)', '2') }, reject('E510'), '2'),
  c(
    'bit_boolean',
    'boolean',
    only({ postgres: sql('bit(1)', "B'1'"), mysql: sql('bit(1)', "b'1'") }),
    exact(true),
  ),
  c(
    'bits_integer',
    'integer',
    only({ mysql: sql('bit(63)', '0x7fffffffffffffff') }),
    exact('9223372036854775807'),
  ),
  c(
    'bits_text',
    'text',
    only({ mysql: sql('bit(64)', '0x8000000000000001'), postgres: sql('bit(64)', `B'1${'0'.repeat(62)}1'`) }),
    exact(`1${'0'.repeat(62)}1`),
  ),
]
