import type { Expr } from '../../core/expr.ts'
import type { FieldType } from '../../core/field.ts'
import { MAX_ID } from '../../core/row-id.ts'
import type { Node } from '../ast.ts'
import type { Reference } from '../reference.ts'
import {
  and,
  bytes,
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
  or,
  SAFE,
  text,
  unary,
  unlessMissing,
  where,
  within,
} from './build.ts'
import { readPattern } from './pattern.ts'
import { asText, cannot, computed, nameOf, onlyWhere, steady, type Term } from './term.ts'

const HASH_DIGITS = 32
const HEAD = MAX_ID - HASH_DIGITS - 1

/** Ids hold at most 191 UTF-16 units; a longer one ends in a hash. Long ids beyond ASCII are left to JavaScript. */
export function shortened(whole: Expr): { expr: Expr; checks: Expr[] } {
  if (whole.bytes !== undefined && whole.bytes <= MAX_ID) return { expr: whole, checks: [] }
  const fits = compare(bytes(whole), '<=', integer(MAX_ID))
  // No character takes more than two units.
  const alsoFits = compare(length(whole), '<=', integer(Math.floor(MAX_ID / 2)))
  const ascii = isAscii(whole)
  const hashed = concat(
    head(whole, HEAD),
    text('~'),
    head(unary('sha256', whole, 'text', { ascii: true }), HASH_DIGITS),
  )
  const expr = choose(
    [
      { when: or(fits, alsoFits), give: whole },
      { when: ascii, give: hashed },
    ],
    undefined,
  )
  return { expr: { ...expr, nullable: whole.nullable }, checks: [unlessMissing(or(fits, alsoFits, ascii))] }
}

const head = (item: Expr, size: number): Expr => ({
  op: 'substring',
  item,
  from: 1,
  length: size,
  kind: 'text',
  nullable: item.nullable,
  ascii: item.ascii,
})

const ESCAPES = ['%25', ':3A', '#23', '|7C']

/** Escapes `: # | %` of one part of an id. */
export function escaped(part: Expr): Expr {
  const { op } = part
  const plain =
    op === 'unary' &&
    part.name === 'text' &&
    ['integer', 'decimal', 'boolean', 'date'].includes(part.item.kind)
  if (plain || isHex(part)) return part
  return ESCAPES.reduce<Expr>(
    (item, [character, ...hex]) => ({
      op: 'replace',
      item,
      part: text(character!),
      by: text(`%${hex.join('')}`),
      kind: 'text',
      nullable: part.nullable,
      ascii: part.ascii,
      bytes: part.bytes === undefined ? undefined : part.bytes * 3,
    }),
    part,
  )
}

const isHex = (part: Expr): boolean =>
  part.op === 'column' && part.stored.kind === 'text' && part.stored.hex === true

/** The id that a key leads to; missing where a part of the key is. */
export function referenceId(reference: Reference, keys: Term[], node: Node): Term {
  const { keyTypes, prefix, suffix, dataset } = reference
  if (keyTypes !== undefined && keyTypes.length !== keys.length)
    return cannot(`the key of "${dataset}" has ${keyTypes.length} parts`, node)
  const parts = keys.map((it, at) => keyText(it, keyTypes?.[at]))
  const joined = parts.flatMap((it, at) => (at === 0 ? [escaped(it.expr)] : [text('|'), escaped(it.expr)]))
  const { expr, checks } = shortened(concat(text(prefix), ...joined.map(present), text(suffix)))
  const all = and(...parts.map((it) => isPresent(it.expr)))
  // A key that its type cannot be fails even where another part is missing; so every part is checked.
  const own = onlyWhere(all, checks, not)
  return computed(where(all, { ...expr, nullable: false }), 'text', node, parts, own)
}

/** As if never NULL: the whole stands behind a test for that. */
const present = (expr: Expr): Expr => (expr.nullable ? { ...expr, nullable: false } : expr)

const WHOLE = '^-?[1-9]\\d{0,17}$'

/** A key value as text, canonical for the type of the key field. */
export function keyText(term: Term, type: FieldType | undefined): Term {
  if (term.nulls || term.is === 'nothing') return cannot('a key that is always missing', term.node)
  const { expr } = term
  const as = (checks: Expr[] = [], of = asText(expr)): Term => computed(of, 'text', term.node, [term], checks)
  switch (type) {
    case 'integer':
      return integerKey(term, as)
    case 'decimal':
      if (expr.kind === 'text') return as([wholeText(expr)])
      return expr.kind === 'integer' || expr.kind === 'decimal' ? as() : unlike(term, type)
    case 'float':
      return expr.kind === 'integer' ? as([unlessMissing(within(expr, integer(SAFE)))]) : unlike(term, type)
    case 'boolean':
      return expr.kind === 'boolean' ? as() : unlike(term, type)
    case 'date':
    case 'datetime':
    case 'timestamp':
      return expr.kind === type ? as() : unlike(term, type)
    default:
      return expr.kind === 'double' ? unlike(term, type ?? 'text') : as()
  }
}

function integerKey(term: Term, as: (checks?: Expr[], of?: Expr) => Term): Term {
  const { expr } = term
  if (expr.kind === 'integer') return as(bits64(expr))
  if (expr.kind === 'text') return as([wholeText(expr)])
  if (expr.kind === 'double') return wholeDouble(steady(term).expr, as)
  return unlike(term, 'integer')
}

function wholeDouble(expr: Expr, as: (checks?: Expr[], of?: Expr) => Term): Term {
  const check = and(within(expr, double(SAFE)), compare(unary('floor', expr, 'double'), '=', expr))
  return as([unlessMissing(check)], asText(where(check, cast(expr, { kind: 'integer' }))))
}

/** Unsigned integers go beyond the largest of 64 bits. */
export function bits64(expr: Expr): Expr[] {
  if (expr.max !== undefined && expr.max <= 2 ** 63) return []
  return [unlessMissing(compare(expr, '<=', integer('9223372036854775807')))]
}

function wholeText(item: Expr): Expr {
  const pattern = readPattern(WHOLE, '')
  if (typeof pattern === 'string') throw new Error(pattern)
  const zero = compare(item, '=', text('0'))
  return unlessMissing(or({ op: 'matches', item, pattern, kind: 'boolean', nullable: item.nullable }, zero))
}

const unlike = (term: Term, type: string): never =>
  cannot(`the key is of type ${type}, and its text from ${nameOf(term)} has no equal form`, term.node)
