import type { Problem } from '../core/errors.ts'
import { canonicalDecimal, fitsNumber } from '../core/number.ts'
import type { SourceText } from '../core/place.ts'
import { nearest } from '../core/text.ts'
import { isCallOf, type Node, nodes, numberDigits } from './ast.ts'
import { BUILTINS, isBuiltin } from './builtins.ts'
import { rewriteDecimals } from './decimal.ts'
import { functions, isOwn, OWN_ARGUMENTS } from './functions.ts'
import { isParsed, parseText } from './parse.ts'
import { type Reporter, reporter } from './report.ts'
import { boundNames } from './scope.ts'

/** What can be known of an expression without its source: syntax, functions, traps. */
export function checkExpression(text: SourceText): Problem[] {
  const parsed = parseText(text)
  if (!isParsed(parsed)) return [parsed]
  const report = reporter(text, [])
  checkSyntaxTree(parsed.ast, report)
  rewriteDecimals(parsed.ast, report, 0)
  return report.problems
}

export function checkSyntaxTree(ast: Node, report: Reporter): void {
  const bound = boundNames(ast)
  const exact = new Set(
    [...nodes(ast)].filter((it) => isCallOf(it, 'decimal')).flatMap((it) => [...nodes(it)]),
  )
  for (const node of nodes(ast)) {
    if (node.type === 'function' || node.type === 'partial') checkCall(node, bound, report)
    if (node.type === 'variable') checkVariable(node, bound, report)
    if (node.type === 'number' && !exact.has(node)) checkLiteral(node, report)
    if (isDestroyed(node)) reportDestroyed(node, report)
  }
}

function checkCall(call: Node, bound: Set<string>, report: Reporter): void {
  const name = calledName(call)
  if (name === undefined || bound.has(name)) return
  if (call.procedure!.type === 'path') reportBareCall(name, call, bound, report)
  else if (isOwn(name)) checkCount(name, call, report)
}

function checkCount(name: string, call: Node, report: Reporter): void {
  const limits = OWN_ARGUMENTS[name]!
  const given = call.arguments!.length
  if (given >= limits[0] && given <= limits[1]) return
  const [least, most] = limits
  const count = least === most ? String(least) : `${least} to ${most}`
  report.error(
    'E205',
    call,
    `$${name} takes ${count} ${most === 1 ? 'argument' : 'arguments'}, not ${given}.`,
    `Write ${functions.find((it) => it.name === name)!.signature}.`,
  )
}

/** The name of what is called: `$name(…)`, or `name(…)` where the `$` was forgotten. */
export function calledName(call: Node): string | undefined {
  const { procedure } = call
  if (procedure?.type === 'variable') return String(procedure.value)
  const [step, ...more] = procedure?.type === 'path' ? procedure.steps! : []
  return step?.type === 'name' && more.length === 0 ? String(step.value) : undefined
}

const isKnown = (name: string, bound: Set<string>): boolean =>
  isBuiltin(name) || isOwn(name) || bound.has(name)

const knownNames = (bound: Set<string>): string[] => [
  ...Object.keys(BUILTINS),
  ...Object.keys(OWN_ARGUMENTS),
  ...bound,
]

function reportBareCall(name: string, call: Node, bound: Set<string>, report: Reporter): void {
  const meant = isKnown(name, bound) ? name : nearest(name, knownNames(bound))
  report.error(
    'E203',
    call,
    `"${name}" is called as a function, but functions begin with "$".`,
    meant === undefined ? ALL_FUNCTIONS : `Did you mean "$${meant}"?`,
  )
}

const ALL_FUNCTIONS = 'Functions of JSONata: https://docs.jsonata.org'
const ALWAYS_BOUND = ['', '$', 'row']

function checkVariable(node: Node, bound: Set<string>, report: Reporter): void {
  const name = String(node.value)
  if (name === 'eval' && !bound.has(name)) {
    report.error(
      'E211',
      node,
      '$eval is switched off: its text could come from the data.',
      'Write the expression itself.',
    )
  } else if (!isKnown(name, bound) && !ALWAYS_BOUND.includes(name)) {
    const near = nearest(name, knownNames(bound))
    report.error(
      'E202',
      node,
      `There is no function or variable "$${name}".`,
      near === undefined ? ALL_FUNCTIONS : `Did you mean "$${near}"?`,
    )
  }
}

function checkLiteral(node: Node, report: Reporter): void {
  const digits = numberDigits(node, report.source.text)
  const canonical = canonicalDecimal(digits)
  if (canonical !== undefined && fitsNumber(canonical)) return
  report.error(
    'E208',
    node,
    `The number ${digits} has more digits than a double carries exactly.`,
    `Write it as text, "${digits}", or compute inside $decimal(…).`,
  )
}

/** The parser copies what stands left of `?:` and `??` through JSON, where regular expressions and signatures die. */
const isDestroyed = (node: Node): boolean =>
  (node.type === 'regex' && typeof (node.value as Partial<RegExp>).exec !== 'function') ||
  (node.signature !== undefined && typeof node.signature.validate !== 'function')

function reportDestroyed(node: Node, report: Reporter): void {
  report.error(
    'E209',
    node,
    'A regular expression (or a function with a signature) does not work on the left of "?:" or "??".',
    'Write it with a variable: ( $x := …; $exists($x) ? $x : … ).',
    'JSONata 2.2.2 loses the pattern there: the result would be wrong, or never end.',
  )
}
