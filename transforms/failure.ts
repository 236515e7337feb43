import { ENGINE_LIMITS } from './engine/index.ts'
import { Misfit } from './misfit.ts'
import { LIMITS } from './parse.ts'

/** Why an evaluation failed, by JSONata's code. Its own messages quote the data, so they are not used. */
const REASONS: Record<string, string> = {
  D1001: 'a number is out of range',
  D1002: 'only a number can be negated',
  D1004: 'a regular expression matches the empty text',
  D1009: 'two entries of an object have the same name',
  D1011: 'the recursion is too deep',
  D1012: 'it took too long',
  D1013: 'the name of an entry is reserved',
  D2014: 'a range is too long',
  D2015: `a list is longer than ${LIMITS.sequence} entries`,
  D3001: 'a number is not finite',
  D3030: 'a value cannot be made a number',
  D3060: 'the root of a negative number',
  D3061: 'a power is out of range',
  D3070: '$sort takes numbers or texts, not a mixture',
  D3110: 'a value is no ISO 8601 timestamp',
  D3136: 'the picture lacks parts that a timestamp needs',
  D3137: '$error was called',
  D3138: '$single matched more than one value',
  D3139: '$single matched no value',
  D3141: '$assert failed',
  P1001: `a text is longer than ${ENGINE_LIMITS.text} characters`,
  P1002: 'a picture is too long, or can be read in too many ways',
  T0410: 'an argument has the wrong type',
  T0411: 'the context has the wrong type',
  T0412: 'an argument must be a list of the right type',
  T1003: 'the name of an entry is no text',
  T1005: 'what is called is no function',
  T1006: 'what is called is no function',
  T2001: 'the left side is no number',
  T2002: 'the right side is no number',
  T2003: 'the left side of the range is no whole number',
  T2004: 'the right side of the range is no whole number',
  T2006: 'the right side of ~> is no function',
  T2007: 'values of different types cannot be sorted',
  T2008: 'only numbers and texts can be sorted',
  T2009: 'the two sides have different types',
  T2010: 'only numbers and texts can be compared',
}

interface Failure {
  code?: string
  position?: number
  token?: unknown
}

/** What an evaluation threw, as the reason for a reject: without the row's values. */
export function failure(cause: unknown, begin = 0): Misfit {
  if (cause instanceof Misfit) return cause
  if (cause instanceof RangeError)
    return new Misfit('E503', 'the expression failed: it needs too much memory or recursion')
  const { code, position, token } = (cause ?? {}) as Failure
  if (typeof code !== 'string') return new Misfit('E503', 'the expression failed')
  const where = position === undefined ? '' : placeWords(position - begin)
  const what = typeof token === 'string' && token.trim() === token ? ` "${token}"` : ''
  return new Misfit(
    'E503',
    `the expression failed${where}${what}: ${REASONS[code] ?? 'JSONata says'} (${code})`,
    position,
  )
}

/** Before the expression itself stand the functions of the team that it calls. */
const placeWords = (position: number): string =>
  position < 0 ? ' in a function of transforms/' : ` at character ${position}`
