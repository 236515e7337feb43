import type { Expr } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { findReference, keyItems, selfSuffix } from '../reference-check.ts'
import { reporter } from '../report.ts'
import {
  and,
  arithmetic,
  binary,
  cast,
  choose,
  compare,
  concat,
  double,
  integer,
  isAscii,
  isPresent,
  length,
  not,
  nothing,
  or,
  SAFE,
  signed,
  text,
  toDouble,
  unary,
  unlessMissing,
  where,
  within,
} from './build.ts'
import { jsonMember } from './json-member.ts'
import { referenceId, shortened } from './key.ts'
import { countsTwice, readPattern } from './pattern.ts'
import type { SayContext } from './say.ts'
import { sayDecimal } from './say-decimal.ts'
import { sayJoin } from './say-json.ts'
import { type Say, sayBinary, stringOf, textChecks } from './say-operator.ts'
import { sayJsonCount } from './say-path.ts'
import { sayDate, sayFromMillis, sayTimestamp, sayToMillis } from './say-time.ts'
import { cannot, computed, isTrue, numberTerm, operand, readAs, steady, type Term, textTerm } from './term.ts'

interface Call {
  node: Node
  name: string
  args: Node[]
  context: SayContext
  say: Say
  /** The argument, said. */
  term(at: number): Term
  text(at: number): Term
  number(at: number): Term
}

export function sayFunction(node: Node, context: SayContext, say: Say): Term {
  const { procedure } = node
  const name = procedure?.type === 'variable' ? String(procedure.value) : ''
  const form = Object.hasOwn(FORMS, name) && !context.variables.has(name) ? FORMS[name]! : undefined
  if (!form) return cannot(`$${name} has no form in SQL that is proven equal`, node)
  const args = node.arguments!
  if (args.length < form.arguments[0] || args.length > form.arguments[1])
    return cannot(`$${name} with ${args.length} arguments has no form in SQL`, node)
  const term = (at: number) => operand(say(args[at]!, context))
  return form.say({
    node,
    name,
    args,
    context,
    say,
    term,
    text: (at) => textTerm(term(at), `$${name}`),
    number: (at) => numberTerm(term(at), `$${name}`),
  })
}

interface Form {
  arguments: [number, number]
  say(call: Call): Term
}

/** The functions that have a form in SQL. Any other is left to JavaScript. */
export const FORMS: Record<string, Form> = {
  string: { arguments: [1, 1], say: sayString },
  length: { arguments: [1, 1], say: ({ node, text }) => from(text(0), node, length, 'number') },
  substring: { arguments: [2, 3], say: saySubstring },
  substringBefore: { arguments: [2, 2], say: (call) => cut(call, 'before') },
  substringAfter: { arguments: [2, 2], say: (call) => cut(call, 'after') },
  lowercase: { arguments: [1, 1], say: (call) => fold(call, 'lower') },
  uppercase: { arguments: [1, 1], say: (call) => fold(call, 'upper') },
  trim: {
    arguments: [1, 1],
    say: ({ node, text: of }) =>
      from(of(0), node, (it) => unary('squeeze', it, 'text', { ascii: it.ascii }), 'text'),
  },
  contains: { arguments: [2, 2], say: sayContains },
  replace: { arguments: [3, 3], say: sayReplace },
  pad: { arguments: [2, 3], say: sayPad },
  join: {
    arguments: [1, 2],
    say: (call) => {
      const separator = call.args[1] ? textLiteral(call, 1) : ''
      return sayJoin(call.node, { list: call.args[0]!, separator }, call.context, call.say)
    },
  },
  boolean: { arguments: [1, 1], say: (call) => truthOf(call, isTrue) },
  not: { arguments: [1, 1], say: (call) => truthOf(call, (it) => not(isTrue(it))) },
  exists: {
    arguments: [1, 1],
    say: ({ node, term }) => {
      const of = readAs(term(0), 'presence')
      // Whether there is a value does not hang on its last bits.
      return { ...computed(isPresent(of.expr), 'boolean', node, [of]), close: false }
    },
  },
  count: { arguments: [1, 1], say: sayCount },
  number: { arguments: [1, 1], say: sayNumber },
  abs: { arguments: [1, 1], say: sayAbs },
  floor: { arguments: [1, 1], say: (call) => whole(call, 'floor') },
  ceil: { arguments: [1, 1], say: (call) => whole(call, 'ceil') },
  round: { arguments: [1, 2], say: sayRound },
  sqrt: { arguments: [1, 1], say: saySqrt },
  power: { arguments: [2, 2], say: sayPower },
  nullif: { arguments: [2, 2], say: sayNullif },
  hash: {
    arguments: [1, 1],
    say: (call) => {
      const of = sayString({ ...call, node: call.node })
      return computed(unary('sha256', of.expr, 'text', { ascii: true }), 'text', call.node, [of])
    },
  },
  date: {
    arguments: [1, 2],
    say: (call) => sayDate(call.term(0), call.args[1] && textLiteral(call, 1), call.node),
  },
  timestamp: {
    arguments: [1, 2],
    say: (call) =>
      sayTimestamp(call.term(0), call.args[1] ? textLiteral(call, 1) : call.context.zone, call.node),
  },
  toMillis: { arguments: [1, 1], say: (call) => sayToMillis(call.term(0), call.node) },
  fromMillis: {
    arguments: [1, 2],
    say: (call) => sayFromMillis(call.number(0), call.args[1] && textLiteral(call, 1), call.node),
  },
  decimal: { arguments: [1, 1], say: ({ args, context, say }) => sayDecimal(args[0]!, context, say) },
  ref: { arguments: [2, 3], say: sayRef },
  self: { arguments: [0, 1], say: saySelf },
}

const from = (of: Term, node: Node, form: (expr: Expr) => Expr, is: Term['is']): Term =>
  computed(form(of.expr), is, node, [of])

function sayString({ node, term }: Call): Term {
  const of = term(0)
  return computed(stringOf(of), 'text', node, [of], textChecks(of))
}

function sayCount({ node, args, context }: Call): Term {
  const member = jsonMember(args[0]!, context)
  return member
    ? sayJsonCount(member, node)
    : cannot('$count takes a list in JSON that can be read here', node)
}

/** A whole number written in the expression. */
function wholeLiteral({ args, context, say, name }: Call, at: number): number {
  const { expr } = say(args[at]!, context)
  const value = expr.op === 'literal' && expr.kind === 'integer' ? Number(expr.value) : undefined
  const limit = 1_000_000
  return value !== undefined && Math.abs(value) <= limit
    ? value
    : cannot(`$${name} needs its numbers written out here`, args[at]!)
}

function textLiteral({ args, name }: Call, at: number): string {
  const node = args[at]!
  if (node.type !== 'string' || node.value === '')
    return cannot(`$${name} needs a text in quotes here, not empty`, node)
  return String(node.value)
}

function saySubstring(call: Call): Term {
  const { node, args } = call
  const of = call.text(0)
  const start = wholeLiteral(call, 1)
  const count = args[2] ? wholeLiteral(call, 2) : undefined
  const ascii = of.expr.ascii
  const kept = (item: Expr, at: number, size?: number): Expr => ({
    op: 'substring',
    item,
    from: at,
    length: size,
    kind: 'text',
    nullable: item.nullable,
    ascii,
  })
  if (count !== undefined && count <= 0) return from(of, node, (it) => where(isPresent(it), text('')), 'text')
  if (start >= 0) return from(of, node, (it) => kept(it, start + 1, count), 'text')
  const right = (item: Expr): Expr => ({
    op: 'right',
    item,
    count: -start,
    kind: 'text',
    nullable: item.nullable,
    ascii,
  })
  return from(of, node, (it) => (count === undefined ? right(it) : kept(right(it), 1, count)), 'text')
}

function cut(call: Call, side: 'before' | 'after'): Term {
  const of = call.text(0)
  return from(of, call.node, (it) => binary(side, it, text(textLiteral(call, 1)), 'text'), 'text')
}

/** Letters beyond ASCII are folded by JavaScript: engines know other letters. */
function fold({ node, text: textOf }: Call, name: 'lower' | 'upper'): Term {
  const of = textOf(0)
  const ascii = isAscii(of.expr)
  return computed(unary(name, of.expr, 'text', { ascii: true }), 'text', node, [of], [unlessMissing(ascii)])
}

function patternOf(node: Node) {
  const { source, flags } = node.value as RegExp
  if (typeof source !== 'string') return cannot('this regular expression is broken', node)
  const pattern = readPattern(source, flags)
  return typeof pattern === 'string'
    ? cannot(`the regular expression has no equal form: ${pattern}`, node)
    : pattern
}

function sayContains(call: Call): Term {
  const { node, args } = call
  const of = call.text(0)
  if (args[1]!.type !== 'regex') {
    const part = call.text(1)
    return computed(binary('contains', of.expr, part.expr, 'boolean'), 'boolean', node, [of, part])
  }
  const pattern = patternOf(args[1]!)
  if (countsTwice(pattern))
    return cannot(
      'what is not in a class is counted differently beyond U+FFFF; use "+" or "*" once',
      args[1]!,
    )
  const form = (item: Expr): Expr => ({
    op: 'matches',
    item,
    pattern,
    kind: 'boolean',
    nullable: item.nullable,
  })
  return from(of, node, form, 'boolean')
}

function sayReplace(call: Call): Term {
  const { node, args } = call
  const of = call.text(0)
  const facts = { kind: 'text', nullable: of.expr.nullable, ascii: of.expr.ascii } as const
  if (args[2]!.type !== 'string')
    return cannot('$replace needs its replacement as a text in quotes', args[2]!)
  const by = String(args[2]!.value)
  const ascii = (of.expr.ascii && text(by).ascii) || undefined
  if (args[1]!.type !== 'regex') {
    const part = text(textLiteral(call, 1))
    return from(of, node, (item) => ({ ...facts, ascii, op: 'replace', item, part, by: text(by) }), 'text')
  }
  const pattern = patternOf(args[1]!)
  const [part, ...more] = pattern.anyOf[0]!
  if (pattern.anyOf.length > 1 || pattern.fromStart || pattern.toEnd || more.length > 0 || part!.least !== 1)
    return cannot('$replace takes one class of characters here, as /[^0-9]/ or /[ -]+/', args[1]!)
  if (part!.most !== undefined && (part!.most !== 1 || (part!.negated && by !== '')))
    return cannot('what is replaced is counted differently beyond U+FFFF; add "+" to the class', args[1]!)
  if (/[$\\]/.test(by)) return cannot('a "$" in the replacement has a meaning of its own', args[2]!)
  return from(of, node, (item) => ({ ...facts, ascii, op: 'replacePattern', item, part: part!, by }), 'text')
}

const MAX_PAD = 1000

function sayPad(call: Call): Term {
  const of = call.text(0)
  const width = wholeLiteral(call, 1)
  const by = call.args[2] ? textLiteral(call, 2) : ' '
  if (Math.abs(width) > MAX_PAD || !/^[ -~]$/.test(by))
    return cannot(`$pad fills with one ASCII character, to at most ${MAX_PAD}`, call.node)
  const side = width > 0 ? 'right' : 'left'
  const padded = (item: Expr): Expr => ({
    op: 'pad',
    item,
    width: Math.abs(width),
    side,
    by,
    kind: 'text',
    nullable: item.nullable,
    ascii: item.ascii,
  })
  return from(of, call.node, padded, 'text')
}

function truthOf({ node, term }: Call, form: (term: Term) => Expr): Term {
  const of = readAs(term(0), 'boolean')
  if (of.is === 'nothing') return computed(nothing('boolean'), 'boolean', node, [of])
  return computed(where(isPresent(of.expr), form(of)), 'boolean', node, [of])
}

/** Digits that every engine reads as the same double; longer ones and exponents are left to JavaScript. */
const NUMBER = readPattern('^-?\\d{1,40}$', '')
const FRACTION = readPattern('^-?\\d{1,40}\\.\\d{1,40}$', '')

function sayNumber({ node, term }: Call): Term {
  const of = term(0)
  const { expr } = of
  if (of.is === 'nothing') return computed(nothing('double'), 'number', node, [of])
  if (of.is === 'boolean')
    return computed(
      choose([
        { when: expr, give: integer(1) },
        { when: not(expr), give: integer(0) },
      ]),
      'number',
      node,
      [of],
    )
  // The nearest double, whatever its digits.
  if (of.is === 'carried') return numberOfCarried(of, node)
  if (of.is === 'number') return of
  if (expr.kind !== 'text') return cannot('a date is no number', node)
  if (typeof NUMBER === 'string' || typeof FRACTION === 'string') throw new Error('a pattern of ours')
  const pattern = { ...NUMBER, anyOf: [...NUMBER.anyOf, ...FRACTION.anyOf] }
  const matches: Expr = { op: 'matches', item: expr, pattern, kind: 'boolean', nullable: expr.nullable }
  const number = where(matches, cast(expr, { kind: 'double' }))
  return computed({ ...number, max: 1e40, least: 1e-40 }, 'number', node, [of], [unlessMissing(matches)])
}

function numberOfCarried(of: Term, node: Node): Term {
  if (of.expr.kind === 'integer' && (of.expr.max ?? Number.POSITIVE_INFINITY) <= SAFE)
    return { ...computed(of.expr, 'number', node, [of]) }
  return computed(toDouble(of.expr), 'number', node, [of])
}

function sayAbs(call: Call): Term {
  const of = call.number(0)
  const item = signed(of.expr)
  const { kind, max, least, scale } = item
  return computed(unary('abs', item, kind, { max, least, scale }), 'number', call.node, [of])
}

function whole(call: Call, name: 'floor' | 'ceil'): Term {
  const of = steady(call.number(0))
  if (of.expr.kind === 'integer') return { ...of, node: call.node }
  const max = of.expr.max === undefined ? undefined : of.expr.max + 1
  return from(of, call.node, (it) => unary(name, toDouble(it), 'double', { max, least: 1 }), 'number')
}

/** Beyond this a double times its scale has no halves any more. */
const ROUNDED_MAX = 1e15
const MAX_PLACES = 6

/** Half-even on the shortest decimal digits, as JSONata does: the digits are moved, made a double, rounded and moved back. */
function sayRound(call: Call): Term {
  const of = steady(call.number(0))
  const places = call.args[1] ? wholeLiteral(call, 1) : 0
  if (places < 0 || places > MAX_PLACES)
    return cannot(`$round takes 0 to ${MAX_PLACES} places here`, call.node)
  const isSmall = (of.expr.max ?? Number.POSITIVE_INFINITY) * 10 ** places <= SAFE
  if (of.expr.kind === 'integer' && (places === 0 || isSmall)) return { ...of, node: call.node }
  const limit = ROUNDED_MAX / 10 ** places / 100
  const small =
    of.expr.max !== undefined && of.expr.max <= limit
      ? []
      : [unlessMissing(within(toDouble(of.expr), double(limit)))]
  const max = Math.min(of.expr.max ?? limit, limit) + 1
  const facts = { max, least: 10 ** -places }
  if (places === 0) {
    const rounded = unary('round', toDouble(of.expr), 'double', facts)
    return computed({ ...guarded(small, rounded), ...facts }, 'number', call.node, [of], small)
  }
  const isDecimal = of.expr.kind !== 'double'
  const checks = isDecimal ? small : [...small, ...notTiny(of.expr)]
  const moved: Expr = {
    op: 'shift',
    item: of.expr,
    places,
    kind: 'double',
    nullable: of.expr.nullable,
    max: 1e15,
  }
  const back = arithmetic(
    unary('round', moved, 'double', { max: 1e15 }),
    '/',
    double(10 ** places),
    'double',
    facts,
  )
  return computed({ ...guarded(checks, back), ...facts }, 'number', call.node, [of], checks)
}

const guarded = (checks: Expr[], expr: Expr): Expr =>
  checks.length === 0 ? expr : where(and(...checks), expr)

const TINY = 1e-4

/** Its shortest digits then end before the place where the engines' decimals end. */
const notTiny = (expr: Expr): Expr[] => [
  unlessMissing(or(compare(expr, '=', double(0)), compare(unary('abs', expr, 'double'), '>=', double(TINY)))),
]

function saySqrt(call: Call): Term {
  const of = call.number(0)
  const item = toDouble(of.expr)
  const checks = [unlessMissing(compare(item, '>=', double(0)))]
  const max = item.max === undefined ? undefined : Math.sqrt(item.max)
  const root = where(and(...checks), unary('sqrt', item, 'double', { max }))
  return computed({ ...root, max }, 'number', call.node, [of], checks)
}

/** Whose results may differ in their last bits. */
export const CLOSE_FUNCTIONS = ['power']

/** Libraries differ in the last bit of a power. */
function sayPower(call: Call): Term {
  const of = call.number(0)
  const exponent = wholeLiteral(call, 1)
  const most = 8
  if (exponent < 1 || exponent > most) return cannot(`$power takes 1 to ${most} as exponent here`, call.node)
  const item = toDouble(of.expr)
  const checks = [unlessMissing(within(item, double(1e30))), ...notTiny(item)]
  const max = Math.min(item.max ?? 1e30, 1e30) ** exponent
  const power = where(and(...checks), binary('power', item, double(exponent), 'double'))
  const facts = { max, least: TINY ** exponent }
  const said = computed({ ...power, ...facts }, 'number', call.node, [of], checks)
  return { ...said, close: of.close || exponent > 1 }
}

function sayNullif(call: Call): Term {
  const of = call.term(0)
  const { node, args, context, say } = call
  const same = sayBinary({ ...node, type: 'binary', value: 'in', lhs: args[0]!, rhs: args[1]! }, context, say)
  return { ...computed(where(not(same.expr), of.expr), of.is, node, [same]), close: of.close }
}

function sayRef({ node, context, say }: Call): Term {
  const report = reporter(context.source, [])
  const reference = findReference(node, context.mapping, report)
  if (!reference) return cannot('this $ref leads nowhere', node)
  const keys = keyItems(node.arguments![1]!).map((it) => operand(say(it, context)))
  return referenceId(reference, keys, node)
}

function saySelf({ node, context }: Call): Term {
  const suffix = selfSuffix(node, context.mapping, reporter(context.source, []))
  if (suffix === undefined || context.key === undefined) return cannot('this $self leads nowhere', node)
  const { expr, checks } = shortened(concat(context.key, text(suffix)))
  return computed(expr, 'text', node, [], checks)
}
