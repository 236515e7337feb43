import { parse } from 'csv-parse'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_ROW_BYTES } from '../../sdk/index.ts'
import { type CsvDialect, type CsvRecord, CsvScanner, OpenQuote } from './csv-scanner.ts'

const comma: CsvDialect = { delimiter: ',', quote: '"', nullText: '' }

/** Scans `text` in portions of `size` characters. */
function scan(text: string, dialect = comma, size = 1000): CsvRecord[] {
  const scanner = new CsvScanner(dialect)
  const records: CsvRecord[] = []
  for (let at = 0; at < text.length; at += size)
    records.push(...scanner.push(text.slice(at, at + size), false))
  return [...records, ...scanner.push('', true)]
}

const fieldsOf = (records: CsvRecord[]) => records.map((it) => (it.fault ? it.fault : it.fields))

const CORPUS: [string, string, (string | null)[][] | unknown[]][] = [
  [
    'plain fields',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'no line end at the end',
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'CR LF',
    'a,b\r\n"1",2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a carriage return inside a field', 'a\rb,c\n', [['a\rb', 'c']]],
  [
    'nothing is NULL, quoted nothing is empty',
    ',"",\n"",\n',
    [
      [null, '', null],
      ['', null],
    ],
  ],
  ['a quoted delimiter, line end and quote', '"a,b","c\nd","e""f"\n', [['a,b', 'c\nd', 'e"f']]],
  ['a quoted CR LF stays', '"a\r\nb"\r\n', [['a\r\nb']]],
  ['only quotes', '""""\n', [['"']]],
  ['blanks stay', ' a , b \n', [[' a ', ' b ']]],
  ['an empty line', 'a\n\nb\n', [['a'], [null], ['b']]],
  ['a NUL and high bytes', 'a\x00b,\xff\n', [['a\x00b', '\xff']]],
  ['ragged lines', 'a,b\n1\n1,2,3\n', [['a', 'b'], ['1'], ['1', '2', '3']]],
  ['a quote inside a plain field costs its line only', 'a,5" pipe\n"x",y\n', ['quote', ['x', 'y']]],
  ['text behind a closing quote costs its line only', '"a"b,c\n"x",y\n', ['quote', ['x', 'y']]],
  ['a blank before a quote is such a fault', 'a, "b"\nx,y\n', ['quote', ['x', 'y']]],
]

test.each(CORPUS)('%s', (_name, text, expected) => {
  expect(fieldsOf(scan(text))).toEqual(expected)
})

test.each(CORPUS)('%s, a character at a time', (_name, text) => {
  expect(scan(text, comma, 1)).toEqual(scan(text))
})

test('other delimiters, no quotes, a text for NULL', () => {
  expect(fieldsOf(scan('a;b;"c;d"\n', { ...comma, delimiter: ';' }))).toEqual([['a', 'b', 'c;d']])
  expect(fieldsOf(scan('a||b||"c"\n', { ...comma, delimiter: '||' }))).toEqual([['a', 'b', 'c']])
  expect(fieldsOf(scan('"a,b"\n', { ...comma, quote: '' }))).toEqual([['"a', 'b"']])
  expect(fieldsOf(scan("'a,b',\"\n", { ...comma, quote: "'" }))).toEqual([['a,b', '"']])
  expect(fieldsOf(scan('\\N,,"\\N"\n', { ...comma, nullText: '\\N' }))).toEqual([[null, '', '\\N']])
})

test('every record knows the line where it begins', () => {
  const records = scan('a\n"b\n\nb",x\nc"c\nd\n')
  expect(records.map((it) => it.line)).toEqual([1, 2, 5, 6])
})

test('a quote that is never closed is told with its line', () => {
  expect(() => scan('a\nb,"c\nd\ne')).toThrow(new OpenQuote(2))
  expect(() => scan(`a\n"${'x'.repeat(MAX_ROW_BYTES * 2)}`, comma, 1_000_000)).toThrow(OpenQuote)
})

test('a record too large is set aside and the next one is whole', () => {
  const long = 'x\n'.repeat(MAX_ROW_BYTES / 2 + 1_000_000)
  const records = scan(`a,b\n1,"${long}"\n2,y\n`, comma, 300_000)
  expect(records.map((it) => it.fault)).toEqual([undefined, 'size', undefined])
  expect(records[2]!.fields).toEqual(['2', 'y'])
  expect(records[2]!.line).toBe(2 + long.length / 2 + 1)
})

test('fault 37: csv-parse agrees on every well-formed text', async () => {
  const field = fc.oneof(
    fc.constant(null),
    fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é', ';') }),
  )
  const row = fc.array(field, { minLength: 2, maxLength: 4 })
  const ends = fc.constantFrom('\n', '\r\n')
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      ends,
      fc.nat(9),
      async (rows, end, size) => {
        const text = rows.map((it) => it.map(written).join(',') + end).join('')
        const found = fieldsOf(scan(text, comma, size + 1))
        expect(found).toEqual(rows)
        expect(found).toEqual(await reference(text))
      },
    ),
    { numRuns: 200 },
  )
})

const written = (field: string | null): string => (field === null ? '' : `"${field.replaceAll('"', '""')}"`)

async function reference(text: string): Promise<unknown[]> {
  const cast = (value: string, { quoting }: { quoting: boolean }) => (value === '' && !quoting ? null : value)
  const records: unknown[] = []
  for await (const it of parse(text, { relax_column_count: true, cast: cast as never })) records.push(it)
  return records
}
