import fc from 'fast-check'

/** Texts of expressions that mostly parse, with types mixed as no author would, and values to run them on. */

const NAMES = ['a', 'b', 'c', 'd', 'a', 'b', 'n', 's', '`__proto__`', 'constructor', 'length', '`x y`']
const VARIABLES = ['x', 'y', 'f', 'i']

const name = fc.constantFrom(...NAMES)
const variable = fc.constantFrom(...VARIABLES).map((it) => `$${it}`)
const number = fc.constantFrom(
  '0',
  '1',
  '2',
  '-1',
  '3',
  '0.5',
  '1.5',
  '2.5',
  '10',
  '1e3',
  '0.1',
  '100000000000',
)
const text = fc.constantFrom(
  '""',
  '"a"',
  '"b"',
  '"ab"',
  '"1"',
  '"a b"',
  '" x "',
  '"é"',
  '"😀a"',
  '"12.50"',
  '"A"',
)
const literal = fc.oneof(number, text, fc.constantFrom('true', 'false', 'null'))
const regex = fc.constantFrom('/a/', '/[a-z]+/', '/(a)(b)?/', '/^\\s*x/', '/\\d+/', '/b$/i', '/x*/', '/./')

const ONE =
  'string length trim lowercase uppercase number abs floor ceil round sqrt boolean not count sum max min average keys spread merge reverse distinct sort type exists zip base64encode encodeUrlComponent fromMillis toMillis formatBase single shuffle_ clone'
    .split(' ')
    .filter((it) => !it.endsWith('_'))
const TWO =
  'substring substringBefore substringAfter contains split join pad append lookup round power formatBase formatNumber formatInteger parseInteger match replace zip string number count fromMillis toMillis'.split(
    ' ',
  )
const HIGHER = 'map filter single sift each reduce sort map filter'.split(' ')
const FUNCTION_NAMES = [
  '$uppercase',
  '$sum',
  '$string',
  '$count',
  '$length',
  '$substring',
  '$boolean',
  '$x',
  '$f',
]

const list = (of: fc.Arbitrary<string>, max: number) =>
  fc.array(of, { maxLength: max }).map((it) => it.join(', '))

const grammar = fc.letrec<{
  any: string
  path: string
  lambda: string
  step: string
  predicate: string
  call: string
  block: string
}>((tie) => {
  const any = tie('any')
  return {
    any: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'e', withCrossShrink: true },
      literal,
      name,
      tie('path'),
      tie('path'),
      fc.constantFrom('$', '$$', '$x', '$y', '*', '**', '$.a', '$$.b', '[]', '{}'),
      fc
        .tuple(
          any,
          fc.constantFrom(
            '+',
            '-',
            '*',
            '/',
            '%',
            '&',
            '=',
            '!=',
            '<',
            '<=',
            '>',
            '>=',
            'and',
            'or',
            'in',
            '&',
            '=',
          ),
          any,
        )
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(any, any, any).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(any, any).map(([a, b]) => `(${a} ? ${b})`),
      fc.tuple(any, fc.constantFrom('?:', '??'), any).map(([a, op, b]) => `(${a} ${op} ${b})`),
      list(any, 3).map((it) => `[${it}]`),
      fc.tuple(any, any).map(([a, b]) => `[${a}..${b}]`),
      fc
        .array(fc.tuple(fc.oneof(fc.constantFrom('"k"', '"a"', '"b"', '"1"', '"__proto__"'), any), any), {
          maxLength: 3,
        })
        .map((it) => `{${it.map((pair) => pair.join(': ')).join(', ')}}`),
      any.map((it) => `-(${it})`),
      tie('call'),
      tie('call'),
      tie('block'),
      fc.tuple(any, tie('predicate')).map(([a, p]) => `(${a})${p}`),
      fc.tuple(any, fc.constantFrom(...ONE)).map(([a, f]) => `${a} ~> $${f}`),
      fc.tuple(any, tie('lambda')).map(([a, f]) => `${a} ~> ${f}`),
      fc.tuple(any, tie('lambda')).map(([a, f]) => `${a} ~> $map(${f})`),
      fc
        .tuple(fc.constantFrom(...FUNCTION_NAMES), fc.constantFrom(...FUNCTION_NAMES), any)
        .map(([f, g, a]) => `${a} ~> (${f} ~> ${g})`),
    ),
    step: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'e' },
      name,
      name,
      name,
      fc.constantFrom('*', '**', '$', '$x', '$string()', '$length()', '$keys()', '"a"'),
      any.map((it) => `(${it})`),
      list(any, 2).map((it) => `[${it}]`),
      any.map((it) => `{"k": ${it}}`),
      tie('call'),
    ),
    predicate: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'e' },
      fc.constant(''),
      fc.constant(''),
      fc.constantFrom(
        '[0]',
        '[-1]',
        '[1]',
        '[]',
        '[true]',
        '[[0,1]]',
        '[[0..1]]',
        '[0.7]',
        '[][0]',
        '[0][]',
        '[a=b][0]',
        '[$=1][1]',
      ),
      any.map((it) => `[${it}]`),
      fc.tuple(fc.constantFrom('', '<', '>'), any).map(([o, a]) => `^(${o}${a})`),
      fc.tuple(any, any).map(([a, b]) => `^(${a}, >${b})`),
    ),
    path: fc
      .tuple(
        fc.oneof(
          name,
          name,
          variable,
          fc.constantFrom('$', '$$', '*', '**'),
          any.map((it) => `(${it})`),
          list(any, 2).map((it) => `[${it}]`),
        ),
        tie('predicate'),
        fc.array(fc.tuple(tie('step'), tie('predicate')), { maxLength: 3 }),
        fc.oneof(
          { weight: 6, arbitrary: fc.constant('') },
          { weight: 1, arbitrary: fc.tuple(any, any).map(([k, v]) => `{${k}: ${v}}`) },
          { weight: 1, arbitrary: any.map((v) => `{"g": ${v}}`) },
          { weight: 1, arbitrary: fc.constant('{a: $}') },
        ),
      )
      .map(([head, p, steps, group]) => `${head}${p}${steps.map(([s, q]) => `.${s}${q}`).join('')}${group}`),
    lambda: fc
      .tuple(
        fc.subarray(['$x', '$y', '$i'], { maxLength: 3 }),
        fc.constantFrom('', '', '', '', '<x:x>', '<s-:s>', '<n?:n>', '<a<n>:n>'),
        tie('any'),
      )
      .map(
        ([parameters, signature, body]) =>
          `function(${parameters.join(', ')})${parameters.length === 1 ? signature : ''}{ ${body} }`,
      ),
    call: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'e' },
      fc.tuple(fc.constantFrom(...ONE), list(any, 2)).map(([f, a]) => `$${f}(${a})`),
      fc.tuple(fc.constantFrom(...ONE), any).map(([f, a]) => `$${f}(${a})`),
      fc.tuple(fc.constantFrom(...TWO), any, any).map(([f, a, b]) => `$${f}(${a}, ${b})`),
      fc
        .tuple(
          fc.constantFrom('substring', 'replace', 'pad', 'split', 'match', 'reduce', 'zip'),
          any,
          any,
          any,
        )
        .map(([f, a, b, c]) => `$${f}(${a}, ${b}, ${c})`),
      fc
        .tuple(fc.constantFrom('match', 'contains', 'split'), any, regex)
        .map(([f, a, r]) => `$${f}(${a}, ${r})`),
      fc
        .tuple(any, regex, fc.oneof(fc.constantFrom('"<$1>"', '"$0$$"', '"$2$12"'), tie('lambda')))
        .map(([a, r, b]) => `$replace(${a}, ${r}, ${b})`),
      fc
        .tuple(
          fc.constantFrom(...HIGHER),
          any,
          fc.oneof(tie('lambda'), tie('lambda'), fc.constantFrom(...FUNCTION_NAMES)),
        )
        .map(([f, a, b]) => `$${f}(${a}, ${b})`),
      fc.tuple(tie('lambda'), list(any, 2)).map(([f, a]) => `(${f})(${a})`),
      fc.tuple(variable, list(any, 2)).map(([f, a]) => `${f}(${a})`),
    ),
    block: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'e' },
      fc.tuple(variable, any, any).map(([v, a, b]) => `(${v} := ${a}; ${b})`),
      fc.tuple(variable, tie('lambda'), any).map(([v, a, b]) => `(${v} := ${a}; ${b})`),
      fc.tuple(variable, tie('lambda'), list(any, 2)).map(([v, f, a]) => `(${v} := ${f}; ${v}(${a}))`),
      fc.tuple(any, any).map(([a, b]) => `(${a}; ${b})`),
    ),
  }
})

export const expressionText: fc.Arbitrary<string> = fc.oneof(
  grammar.any,
  grammar.path,
  grammar.call,
  grammar.block,
)

const FIELDS = ['a', 'b', 'c', 'd', 'n', 's', '__proto__', 'constructor', 'length', 'x y', 'a', 'b']

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      2,
      -1,
      1.5,
      0.1,
      1e21,
      3,
      '',
      'a',
      'b',
      'ab',
      '1',
      ' x ',
      'A',
      '😀',
      '12.5',
    ),
    fc.constantFrom<unknown>(
      [],
      {},
      [[]],
      [[1, 2], [3]],
      [1],
      [1, 2, 3],
      ['a', 'b'],
      [null],
      [{ a: 1 }, { a: 2 }],
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(
      fc.dictionary(fc.constantFrom('a', 'b', 'n'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      { maxLength: 4 },
    ),
  ),
}))

/** JSON, with names and shapes that break engines. */
export const input: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 5, noNullPrototype: true }),
  },
  { weight: 1, arbitrary: value },
)
