import { canonicalJson } from '../../core/json.ts'
import type { Json } from '../../core/value.ts'
import { isMissing, type OwnFunction } from './own-function.ts'

export const nullif: OwnFunction = {
  name: 'nullif',
  signature: '$nullif(value, other) or $nullif(value, [other, …])',
  description:
    'The value, or missing where it equals the other (or one of a list): for sources that write "n/a" or 0 for nothing.',
  example: '$nullif(phone, ["", "n/a", "-"])',
  arguments: [2, 2],
  result: 'any',
  make: () => (value, other) => {
    if (isMissing(value)) return undefined
    const others = Array.isArray(other) && !Array.isArray(value) ? other : [other]
    return others.some((it) => isSame(value, it)) ? undefined : value
  },
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b ||
  (typeof a === 'object' &&
    typeof b === 'object' &&
    !isMissing(b) &&
    canonicalJson(a as Json) === canonicalJson(b as Json))
