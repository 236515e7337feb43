import { ANY_KIND, BOOLEAN, FUNCTION, LIST, NULL, NUMBER, OBJECT, TEXT } from './type.ts'

/** A parameter of a built-in function. */
interface Parameter {
  kinds: number
  /** Of the items, where a list is taken: anything counts as a list of one. */
  items?: number
  optional: boolean
  repeated: boolean
}

export interface Signature {
  parameters: Parameter[]
  /** Kinds of the result. */
  gives: number
}

/** As JSONata 2.2.2 declares its functions; `-` (the context stands in) is counted in `BUILTINS`. */
const DECLARED: Record<string, string> = {
  sum: 'a<n>:n',
  count: 'a:n',
  max: 'a<n>:n',
  min: 'a<n>:n',
  average: 'a<n>:n',
  string: 'xb?:s',
  substring: 'snn?:s',
  substringBefore: 'ss:s',
  substringAfter: 'ss:s',
  lowercase: 's:s',
  uppercase: 's:s',
  length: 's:n',
  trim: 's:s',
  pad: 'sns?:s',
  match: 'sfn?:a',
  contains: 's(sf):b',
  replace: 's(sf)(sf)n?:s',
  split: 's(sf)n?:a',
  join: 'a<s>s?:s',
  formatNumber: 'nso?:s',
  formatBase: 'nn?:s',
  formatInteger: 'ns:s',
  parseInteger: 'ss:n',
  number: '(nsb):n',
  floor: 'n:n',
  ceil: 'n:n',
  round: 'nn?:n',
  abs: 'n:n',
  sqrt: 'n:n',
  power: 'nn:n',
  random: ':n',
  boolean: 'x:b',
  not: 'x:b',
  map: 'af:x',
  zip: 'a+:a',
  filter: 'af:x',
  single: 'af?:x',
  reduce: 'afj?:x',
  sift: 'of?:o',
  keys: 'x:x',
  lookup: 'xs:x',
  append: 'xx:a',
  exists: 'x:b',
  spread: 'x:x',
  merge: 'a<o>:o',
  reverse: 'a:a',
  each: 'of:x',
  error: 's?:x',
  assert: 'bs?:x',
  type: 'x:s',
  sort: 'af?:a',
  shuffle: 'a:a',
  distinct: 'x:x',
  base64encode: 's:s',
  base64decode: 's:s',
  encodeUrlComponent: 's:s',
  encodeUrl: 's:s',
  decodeUrlComponent: 's:s',
  decodeUrl: 's:s',
  eval: 'sx?:x',
  toMillis: 'ss?:n',
  fromMillis: 'ns?s?:s',
  clone: '(oa):x',
  now: 's?s?:s',
  millis: ':n',
}

const KINDS: Record<string, number> = {
  s: TEXT,
  n: NUMBER,
  b: BOOLEAN,
  l: NULL,
  o: OBJECT,
  a: LIST,
  f: FUNCTION,
  j: ANY_KIND & ~FUNCTION,
  x: ANY_KIND,
}

function parse(declared: string): Signature {
  const colon = declared.lastIndexOf(':')
  const parameters = [...declared.slice(0, colon).matchAll(/(\([a-z]+\)|[a-z])(?:<([a-z])>)?([?+]?)/g)].map(
    ([, letters, items, mark]): Parameter => ({
      kinds: [...letters!].reduce((all, it) => all | (KINDS[it] ?? 0), 0),
      items: items === undefined ? undefined : KINDS[items],
      optional: mark === '?',
      repeated: mark === '+',
    }),
  )
  return { parameters, gives: KINDS[declared.slice(colon + 1)]! }
}

export const SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  Object.entries(DECLARED).map(([name, text]) => [name, parse(text)]),
)
