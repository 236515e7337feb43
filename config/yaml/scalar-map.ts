import type { CST } from 'yaml'
import { mapBlock } from './block-scalar.ts'
import type { ScalarMap } from './built-text.ts'
import { joinQuotes, mapDouble, unfold } from './flow-scalar.ts'

export type ScalarToken = CST.FlowScalar | CST.BlockScalar

/**
 * Decodes a scalar as the `yaml` library does, and remembers where each character came from.
 * A folded or escaped newline stands where the line ended; the characters of `\u0041` all stand at the backslash.
 */
export function mapScalar(token: ScalarToken): ScalarMap {
  if (token.type === 'block-scalar') return mapBlock(token)
  const { source, offset } = token
  if (token.type === 'double-quoted-scalar') return mapDouble(source, offset)
  if (token.type === 'single-quoted-scalar') return joinQuotes(unfold(source.slice(1, -1), offset + 1))
  return unfold(source, offset)
}
