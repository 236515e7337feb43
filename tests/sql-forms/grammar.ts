import fc from 'fast-check'

/** Expressions of the grammar that SQL can say, by the type of what they give; and some that it cannot. */

const quoted = (it: string): string => JSON.stringify(it)
const PIECES = ['@', 'a', ' ', '/', "o'", '\\', '"', '😀', '%', 'ß', '-']
const WORDS = [
  '',
  'a',
  'b',
  'ada@x.nl',
  '42',
  '0.1',
  '2024-02-29',
  'null',
  '😀',
  "o'hara",
  'back\\slash',
  'true',
  'a ',
]
const NUMBERS = ['0', '1', '2', '3', '10', '0.1', '2.5', '100', '1e3', '0.5', '2147483647']
const PATTERNS = ['/[^0-9+]+/', '/[^a-z]/', '/[a-z]/', '/[ .@-]+/', '/[0-9]/']
const TESTS = [
  '/^[a-z]+$/',
  '/^[0-9]{1,3}$/',
  '/@/',
  '/^a?[a-z@.]*$/',
  '/^[A-Z ]+/',
  '/[0-9]$/',
  '/^[^@]+@x/',
  '/^[0-9]+$|^[a-z]+$/',
  '/^(?:a|ab@x\\.nl|true)$/',
  '/@|0|é/',
  '/ |[|]/',
]

const of = (...them: string[]): fc.Arbitrary<string> => fc.constantFrom(...them)
const say = (parts: TemplateStringsArray, ...values: fc.Arbitrary<unknown>[]): fc.Arbitrary<string> =>
  fc.tuple(...values).map((them) => parts.map((part, i) => part + String(them[i] ?? '')).join(''))

/** `deep`: how many operations may stand in each other. */
export const expressions = fc.letrec<
  Record<'text' | 'number' | 'boolean' | 'time' | 'exact' | 'json' | 'any', string>
>((tie) => {
  const text = tie('text')
  const number = tie('number')
  const boolean = tie('boolean')
  const any = tie('any')
  const piece = of(...PIECES).map(quoted)
  const small = fc.integer({ min: -6, max: 12 }).map(String)
  return {
    text: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expression' },
      of('s', 't', '$row.s', '$$.t'),
      of(...WORDS).map(quoted),
      say`${text} & ${text}`,
      say`(${any} & ${piece})`,
      say`$substringBefore(${text}, ${piece})`,
      say`$substringAfter(${text}, ${piece})`,
      say`$substring(${text}, ${small}, ${small})`,
      say`$substring(${text}, ${small})`,
      say`$trim(${text})`,
      say`$lowercase(${text})`,
      say`$uppercase(${text})`,
      say`$replace(${text}, ${piece}, ${piece})`,
      say`$replace(${text}, ${of(...PATTERNS)}, ${of('""', '"_"')})`,
      say`$pad(${text}, ${small}, ${of('"0"', '" "')})`,
      say`(${boolean} ? ${text} : ${text})`,
      say`(${boolean} ? ${text})`,
      say`(${text} ?: ${text})`,
      say`(${text} ?? ${text})`,
      say`(${boolean} ? ${text} : null)`,
      say`$string(${any})`,
      say`( $x := ${text}; $x & $x )`,
      say`$nullif(${text}, ${fc.oneof(text, of('["a", "42"]'))})`,
      say`$hash(${any})`,
      say`(${text} ~> $trim)`,
      tie('time'),
      say`$fromMillis(${number})`,
      say`$fromMillis(${of('i', 'b', 'i * 86400000')}, ${of('"[Y0001]-[M01]-[D01]"', '"[D01]/[M01]/[Y] [H01]:[m]:[s] uur [f001]"')})`,
      say`$join([${text}, ${text}, ${text}], ${of('", "', '""', '"😀"')})`,
      say`$ref("customers", ${any})`,
      say`$ref("orders", [${any}, ${any}])`,
      of('$self("one")'),
    ),
    number: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expression' },
      of('i', 'b', 'm', 'n', 'f', 'i', 'm'),
      of(...NUMBERS),
      say`(${number} + ${number})`,
      say`(${number} - ${number})`,
      say`(${number} * ${number})`,
      say`(${number} / ${of('2', '10', 'i', 'm', '0.5')})`,
      say`(i % ${of('3', '-7', 'i')})`,
      say`$length(${text})`,
      say`$abs(${number})`,
      say`$floor(${number})`,
      say`$ceil(${number})`,
      say`$round(${number})`,
      say`$round(${number}, ${of('1', '2', '4')})`,
      say`$number(${fc.oneof(text, number, boolean)})`,
      say`$toMillis(${of('w', 'w', 'z', 't')})`,
      say`(-${number})`,
      say`$nullif(${number}, ${any})`,
      say`$sqrt(${number})`,
      say`(${boolean} ? ${number} : ${number})`,
      say`(${boolean} ? ${number})`,
      say`(${number} ?? ${number})`,
      say`$decimal(${tie('exact')})`,
    ),
    boolean: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expression' },
      of('true', 'false', '$exists(s)', '$exists(i)'),
      say`${text} ${of('=', '!=')} ${text}`.map((it) => `(${it})`),
      say`(${number} ${of('=', '!=', '<', '<=', '>', '>=')} ${number})`,
      say`(${text} ${of('<', '>=')} ${text})`,
      say`(${any} = ${any})`,
      say`(${any} in [${any}, ${any}, ${text}])`,
      say`(${text} in ["a", "42", "😀"])`,
      say`(${number} in [1, 42, 0.1])`,
      say`(${any} and ${boolean})`,
      say`(${boolean} or ${any})`,
      say`$not(${any})`,
      say`$boolean(${any})`,
      say`$exists(${any})`,
      say`$contains(${text}, ${fc.oneof(text, piece)})`,
      say`$contains(${text}, ${of(...TESTS)})`,
    ),
    exact: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'exact' },
      of('i', 'm', 'm', 'b', '0.5', '1.21', '0.00005', '3'),
      say`${tie('exact')} ${of('+', '-', '*')} ${tie('exact')}`,
      say`(${tie('exact')} ${of('+', '-', '*')} ${tie('exact')})`,
      say`-${of('i', 'm')}`,
    ),
    time: fc.oneof(
      of('d', 'l', 'z', 'w', 'w', '$trim(w)', '$substring(w, 0, 10)', '$substring(w, 0, 19)'),
      say`$date(${of('w', 'w', 't', 'd', 'l')})`,
      say`$date(w, ${of('"ymd"', '"dmy"', '"mdy"')})`,
      say`$timestamp(${of('w', 'w', 't', 'd', 'l', 'z')})`,
      of('$timestamp(w, "Europe/Amsterdam")', '$fromMillis(b)', '$fromMillis(i * 1000)'),
      say`(${of('i > 5', '$exists(s)')} ? ${of('w', 'z')} : ${of('w', 't')})`,
    ),
    json: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'json' },
      say`{ "b": ${any}, "a\"": ${any}, "Ä": ${text} }`,
      say`{ "x": s, "l": t, "n": i, "m": m, "d": d }`,
      say`[${any}, ${text}, ${number}]`,
      say`{ "a": ${tie('json')}, "z": ${boolean} }`,
      say`(${boolean} ? ${tie('json')})`,
    ),
    any: fc.oneof({ maxDepth: 3, depthIdentifier: 'expression' }, text, number, boolean),
  }
})
