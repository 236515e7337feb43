import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import { matcher } from '../runtime/regex/matcher.ts'
import { PatternRefused } from '../runtime/regex/pattern.ts'
import type { Place, Run } from './unit.ts'

/** `/…/`: a function that finds matches. */
export function regex(node: Node, { unit }: Place): Run {
  const intact = node.value instanceof RegExp ? node.value : unit.patterns.get(node.position ?? -1)
  if (intact === undefined) throw new Refused('the pattern was lost by the parser', node)
  try {
    const made = matcher(unit.state, unit.regex(intact), node.position)
    return () => made
  } catch (cause) {
    if (cause instanceof PatternRefused) throw new Refused(`the pattern ${cause.reason}`, node, true)
    throw cause
  }
}
