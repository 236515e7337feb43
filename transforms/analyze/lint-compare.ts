import { type Node, nodeSpan } from '../ast.ts'
import { isLongNumber } from '../ordering.ts'
import { severalWhereOne } from './lint-type.ts'
import {
  BOOLEAN,
  FUNCTION,
  isPlural,
  isUnknown,
  itemType,
  kindsText,
  LIST,
  NULL,
  NUMBER,
  OBJECT,
  TEXT,
  type Type,
} from './type.ts'
import { data, type Value } from './value.ts'
import type { Walk } from './walk.ts'

const SCALAR = TEXT | NUMBER | BOOLEAN

const textOf = (node: Node, { report }: Walk): string => {
  const { from, to } = nodeSpan(node, report.source.text)
  return report.source.text.slice(from, to)
}

export function checkCompared(node: Node, left: Value, right: Value, walk: Walk): void {
  if (walk.exact > 0) return
  const sides: [Node, Value][] = [
    [node.lhs as Node, left],
    [node.rhs!, right],
  ]
  for (const [at, [side, value]] of sides.entries()) {
    const [other, otherValue] = sides[1 - at]!
    if (other.type === 'value' && other.value === null && value.src.size > 0) {
      warnOfNull(node, side, walk)
      return
    }
    if (node.value === '!=') warnOfMissing(node, side, value, otherValue, walk)
  }
  checkEqual(node, left.type, right.type, walk)
}

export function checkContained(node: Node, left: Value, right: Value, walk: Walk): void {
  if (walk.exact === 0) checkEqual(node, left.type, itemType(right.type), walk)
}

function checkEqual(node: Node, left: Type, right: Type, walk: Walk): void {
  if (isUnknown(left) || isUnknown(right) || !left.kinds || !right.kinds) return
  if ([left, right].some((it) => it.kinds & (NULL | FUNCTION))) return
  // A number that a double does not carry comes as text.
  if ([left, right].some((it) => it.literals?.some((one) => isLongNumber(String(one))))) return
  if (!(left.kinds & right.kinds)) {
    const answer = node.value === '!=' ? 'true where both are there' : 'false'
    walk.report.warn(
      'E234',
      node,
      `This compares ${kindsText(left.kinds)} with ${kindsText(right.kinds)}, and is always ${answer}.`,
      left.kinds & TEXT || right.kinds & TEXT
        ? 'Write both alike: the text in quotes, or $number(…) around the field.'
        : undefined,
    )
  } else if ([left, right].some(isPlural) && [left, right].some((it) => !(it.kinds & (LIST | OBJECT))))
    severalWhereOne(node, `"${node.value}"`, walk)
}

function warnOfNull(node: Node, side: Node, walk: Walk): void {
  const text = textOf(side, walk)
  const instead = node.value === '=' ? `$not($exists(${text}))` : `$exists(${text})`
  walk.report.warn(
    'E212',
    node,
    `A NULL of the source is missing here, never null: this is always false.`,
    `Write ${instead}.`,
  )
}

/** `where: status != "x"` drops the rows without a status, unless it asks for it. */
function warnOfMissing(node: Node, side: Node, value: Value, other: Value, walk: Walk): void {
  const isBlank = other.type.literals?.[0] === ''
  if (!walk.spine.has(node) || isBlank || !value.type.gap || data(other).size > 0) return
  const text = textOf(side, walk)
  if (walk.asked.has(text)) return
  walk.report.warn(
    'E224',
    node,
    `Rows where "${text}" is NULL are left out too: a comparison with a missing value is false.`,
    `To keep them: … or $not($exists(${text})).`,
  )
}

/** `where: $not(x)` drops the rows without an x: $not of what is missing is missing. */
export function checkNot(call: Node, given: Value, walk: Walk): void {
  if (!walk.spine.has(call) || !given.type.gap || !(given.type.kinds & SCALAR)) return
  const text = textOf(call.arguments![0]!, walk)
  if (walk.asked.has(text)) return
  walk.report.warn(
    'E224',
    call,
    'Rows where its argument is missing are left out too: $not of a missing value is missing, not true.',
    'To keep them: … or $not($exists(…)).',
  )
}
