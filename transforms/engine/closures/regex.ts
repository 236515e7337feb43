import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import { matcher, type Regex } from '../runtime/regex/matcher.ts'
import { PatternRefused } from '../runtime/regex/pattern.ts'
import type { Place, Run } from './unit.ts'

/** `/…/`: a function that finds matches. */
export function regex(node: Node, place: Place): Run {
  const made = matcher(place.unit.state, regexOf(node, place), node.position)
  return () => made
}

/** What runs the pattern of a node. */
export function regexOf(node: Node, { unit }: Place): Regex {
  const intact = node.value instanceof RegExp ? node.value : unit.patterns.get(node.position ?? -1)
  if (intact === undefined) throw new Refused('the pattern was lost by the parser', node)
  try {
    return unit.regex(intact)
  } catch (cause) {
    if (cause instanceof PatternRefused) throw new Refused(`the pattern ${cause.reason}`, node, true)
    throw cause
  }
}
