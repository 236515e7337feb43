import type { SourceText } from '../core/place.ts'
import { asText, type Reading, type Slot } from './expect.ts'
import { withFunctions } from './team-functions.ts'
import { balanceOf, wantsMore } from './yaml/balance.ts'
import { meantExpression, quotedLine } from './yaml/quote.ts'
import { kindOf, type MapNode, type Node, type ScalarNode } from './yaml/tree.ts'

/** An expression as text; its JSONata is checked by who compiles it. Undefined: reported. */
export function readExpression(slot: Slot, reading: Reading): SourceText | undefined {
  const { value } = slot
  if (value.kind === 'scalar' && (value.value === null || typeof value.value === 'string')) {
    const scalar = asText(slot, reading.report)
    if (scalar === undefined || reportCut(scalar, reading)) return undefined
    if (reportDate(scalar, reading)) return undefined
    return withFunctions(scalar.written, reading.functions ?? [])
  }
  reportNoExpression(slot, reading)
  return undefined
}

export function reportNoExpression({ key, value }: Slot, { parsed, report }: Reading): void {
  const block = value.kind !== 'scalar' && !value.flow
  const line = quotedLine(parsed.text, { from: value.from, to: value.to })
  report.error('E172', value.at, {
    problem: `"${key}" needs an expression; YAML reads this as ${kindOf(value)}.`,
    remedy: block
      ? 'Write the expression as one text.'
      : `If it is an expression, write it in quotes:\n${line}`,
  })
}

/** Reports a plain expression that visibly goes on behind what YAML took. */
function reportCut(scalar: ScalarNode, { parsed, report }: Reading): boolean {
  const by = cutBy(scalar, parsed.text)
  if (by === undefined) return false
  const span = meantExpression(parsed.text, scalar.from, scalar.to, scalar.inFlow)
  report.error('E171', parsed.locate(span.from, span.to), {
    problem: `YAML ${by}; what is left of the expression is: ${shortened(scalar.written.text)}`,
    remedy: `Write it in quotes:\n${quotedLine(parsed.text, span)}`,
  })
  return true
}

const shortened = (text: string): string => (text.length > 60 ? `…${text.slice(-60)}` : text)

function cutBy(scalar: ScalarNode, text: string): string | undefined {
  if (scalar.style !== 'plain' || typeof scalar.value !== 'string') return undefined
  const { open, stray } = balanceOf(scalar.value)
  const broken = open !== undefined || stray !== undefined || wantsMore(scalar.value)
  // `items #$i.price`: no comment begins with a variable.
  const binding = scalar.commentAt !== undefined && text.startsWith('#$', scalar.commentAt)
  if (scalar.commentAt !== undefined && (broken || binding))
    return 'takes " #" for the beginning of a comment'
  if (scalar.inFlow && broken) return 'ends a text inside { … } at a comma or bracket'
  return undefined
}

/** Reports an expression in `{ … }` that was cut; the keys behind it are its remains then. */
export function reportCutInFlow(
  map: MapNode,
  isExpression: (key: string) => boolean,
  reading: Reading,
): boolean {
  if (!map.flow) return false
  const cut = map.entries.find(({ key, value }) => isExpression(key) && isCut(value, reading))
  return cut !== undefined && reportCut(cut.value as ScalarNode, reading)
}

const isCut = (node: Node, { parsed }: Reading): boolean =>
  node.kind === 'scalar' && cutBy(node, parsed.text) !== undefined

function reportDate(scalar: ScalarNode, { report }: Reading): boolean {
  if (!/^\s*\d{4}-\d{1,2}-\d{1,2}\s*$/.test(scalar.written.text)) return false
  const date = scalar.written.text.trim()
  report.error('E173', scalar.at, {
    problem: `As an expression ${date} is a subtraction, with a number as its result.`,
    remedy: `For a constant date write { is: ${date} }.`,
  })
  return true
}
