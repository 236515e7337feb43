import { canonicalDecimal, fitsNumber } from '../../core/number.ts'
import { nearest } from '../../core/text.ts'
import { type Node, numberDigits } from '../ast.ts'
import { BUILTINS, isBuiltin } from '../builtins.ts'
import { PatternRefused, SafeRegex } from '../engine/index.ts'
import { functions, isOwn, OWN_ARGUMENTS } from '../functions.ts'
import { blowsUp } from '../regex-check.ts'
import type { Walk } from './walk.ts'

const ALL_FUNCTIONS = 'Functions of JSONata: https://docs.jsonata.org'
const ALWAYS_BOUND = ['', '$', 'row']

const isKnown = (name: string, names: Set<string>): boolean =>
  isBuiltin(name) || isOwn(name) || names.has(name)

const knownNames = (names: Set<string>): string[] => [
  ...Object.keys(BUILTINS),
  ...Object.keys(OWN_ARGUMENTS),
  ...names,
]

export function checkBareCall(call: Node, name: string, { names, report }: Walk): void {
  const meant = isKnown(name, names) ? name : nearest(name, knownNames(names))
  report.error(
    'E203',
    call,
    `"${name}" is called as a function, but functions begin with "$".`,
    meant === undefined ? ALL_FUNCTIONS : `Did you mean "$${meant}"?`,
  )
}

export function checkVariable(node: Node, { names, report }: Walk): void {
  const name = String(node.value)
  if (name === 'eval' && !names.has(name)) {
    report.error(
      'E211',
      node,
      '$eval is switched off: its text could come from the data.',
      'Write the expression itself.',
    )
  } else if (!isKnown(name, names) && !ALWAYS_BOUND.includes(name)) {
    const near = nearest(name, knownNames(names))
    report.error(
      'E202',
      node,
      `There is no function or variable "$${name}".`,
      near === undefined ? ALL_FUNCTIONS : `Did you mean "$${near}"?`,
    )
  }
}

export function checkOwnCall(call: Node, name: string, given: number, { report }: Walk): void {
  const [least, most] = OWN_ARGUMENTS[name]!
  if (given >= least && given <= most) return
  const count = least === most ? String(least) : `${least} to ${most}`
  report.error(
    'E205',
    call,
    `$${name} takes ${count} ${most === 1 ? 'argument' : 'arguments'}, not ${given}.`,
    `Write ${functions.find((it) => it.name === name)!.signature}.`,
  )
}

export function checkLiteral(node: Node, { report }: Walk): void {
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

/** A pattern that no engine bounds, and one that only a linear engine does. */
export function checkRegex(node: Node, { report }: Walk): void {
  const regex = node.value as RegExp
  const refusal = refusalOf(regex)
  if (refusal !== undefined) {
    report.error(
      'E209',
      node,
      `The regular expression ${refusal}, so no limit could be kept on the time that it takes.`,
      'Write it without \\1, (?=…), (?!…), (?<=…) and (?<!…): match more, and take a group of the match.',
    )
    return
  }
  const part = blowsUp(regex.source)
  if (part === undefined) return
  report.warn(
    'E232',
    node,
    `The part ${part} of this pattern can match one text in very many ways.`,
    'Give each repetition something to end on, as in (\\w+ )* instead of (\\w+ ?)*.',
    'It runs in an engine whose time is bounded, which is several times slower than for other patterns.',
  )
}

function refusalOf(regex: RegExp): string | undefined {
  try {
    new SafeRegex(regex)
    return undefined
  } catch (cause) {
    if (cause instanceof PatternRefused) return cause.reason
    throw cause
  }
}
