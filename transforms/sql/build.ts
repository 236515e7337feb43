import {
  type Arithmetic,
  type BinaryOp,
  type CastType,
  type Comparison,
  type Expr,
  type ExprFacts,
  type SqlKind,
  sizeOf,
  type UnaryOp,
} from '../../core/expr.ts'

/** Small builders of expressions: each works out what is known of its values, and folds what is constant. */

export const SAFE = Number.MAX_SAFE_INTEGER
const isAsciiText = (text: string): boolean => !/[^\0-\x7f]/.test(text)

export const text = (value: string): Expr => ({
  op: 'literal',
  value,
  kind: 'text',
  nullable: false,
  ascii: isAsciiText(value),
  bytes: Buffer.byteLength(value),
})

export const truth = (value: boolean): Expr => ({ op: 'literal', value, kind: 'boolean', nullable: false })
export const nothing = (kind: SqlKind): Expr => ({ op: 'literal', value: null, kind, nullable: true })

export const integer = (value: number | string): Expr => {
  const max = Math.abs(Number(value))
  return { op: 'literal', value: String(value), kind: 'integer', nullable: false, max, least: 1, scale: 0 }
}

export function double(value: number): Expr {
  const max = Math.abs(value)
  return { op: 'literal', value, kind: 'double', nullable: false, max, least: max }
}

/** @param value canonical */
export function decimal(value: string): Expr {
  const scale = value.split('.')[1]?.length ?? 0
  const max = Math.abs(Number(value))
  return { op: 'literal', value, kind: 'decimal', nullable: false, max, least: max, scale }
}

export const isLiteral = (expr: Expr, value: unknown): boolean =>
  expr.op === 'literal' && expr.value === value
const isNull = (expr: Expr): boolean => isLiteral(expr, null)

export function and(...given: Expr[]): Expr {
  const items = inOneTest(flat('and', given).filter((it) => !isLiteral(it, true)))
  if (items.some((it) => isLiteral(it, false))) return truth(false)
  return combined('and', items, true)
}

export const noNul = (...items: Expr[]): Expr => ({ op: 'noNul', items, kind: 'boolean', nullable: false })

/** Texts are searched for U+0000 together, and behind all that costs less. */
function inOneTest(items: Expr[]): Expr[] {
  const texts = unique(items.flatMap((it) => (it.op === 'noNul' ? it.items : [])))
  return texts.length === 0 ? items : [...items.filter((it) => it.op !== 'noNul'), noNul(...texts)]
}

export function or(...given: Expr[]): Expr {
  const items = flat('or', given).filter((it) => !isLiteral(it, false))
  if (items.some((it) => isLiteral(it, true))) return truth(true)
  return combined('or', items, false)
}

const flat = (op: 'and' | 'or', given: Expr[]): Expr[] =>
  unique(given.flatMap((it) => (it.op === op ? it.items : [it])))

/** Larger ones are only compared by identity. */
const SMALL_SIZE = 200

function unique(items: Expr[]): Expr[] {
  const seen = new Set<string | Expr>()
  return items.filter((it) => {
    const mark = sizeOf(it) < SMALL_SIZE ? JSON.stringify(it) : it
    return !seen.has(mark) && seen.add(mark)
  })
}

function combined(op: 'and' | 'or', items: Expr[], none: boolean): Expr {
  if (items.length === 0) return truth(none)
  if (items.length === 1) return items[0]!
  return { op, items, kind: 'boolean', nullable: items.some((it) => it.nullable) }
}

export function not(item: Expr): Expr {
  if (item.op === 'literal' && typeof item.value === 'boolean') return truth(!item.value)
  if (item.op === 'unary' && item.name === 'not') return item.item
  if (item.op === 'unary' && item.name === 'isNull') return unary('isNotNull', item.item, 'boolean')
  if (item.op === 'unary' && item.name === 'isNotNull') return unary('isNull', item.item, 'boolean')
  return unary('not', item, 'boolean')
}

export function isMissing(item: Expr): Expr {
  if (!item.nullable) return truth(false)
  return isNull(item) ? truth(true) : unary('isNull', item, 'boolean', { nullable: false })
}

export const isPresent = (item: Expr): Expr => not(isMissing(item))

export function unary(name: UnaryOp, item: Expr, kind: SqlKind, facts: Partial<ExprFacts> = {}): Expr {
  const never = name === 'isNull' || name === 'isNotNull'
  return { op: 'unary', name, item, kind, nullable: !never && item.nullable, ...facts }
}

export const binary = (name: BinaryOp, left: Expr, right: Expr, kind: SqlKind): Expr => ({
  op: 'binary',
  name,
  left,
  right,
  kind,
  nullable: left.nullable || right.nullable,
  ascii: kind === 'text' ? left.ascii : undefined,
})

export const compare = (left: Expr, operator: Comparison, right: Expr): Expr => ({
  op: 'compare',
  operator,
  left,
  right,
  kind: 'boolean',
  nullable: left.nullable || right.nullable,
})

/** True or false, never NULL: false where something is missing. */
export function surely(condition: Expr): Expr {
  if (!condition.nullable) return condition
  return isNull(condition) ? truth(false) : coalesce(condition, truth(false))
}

/** True or false, never NULL: true where something is missing, which no check has to judge. */
export function unlessMissing(condition: Expr): Expr {
  return condition.nullable ? unary('isNotFalse', condition, 'boolean', { nullable: false }) : condition
}

export function coalesce(...items: [Expr, ...Expr[]]): Expr {
  const last = items.at(-1)!
  const [only] = items.filter((it) => !isNull(it))
  if (only === undefined) return items[0]
  if (!items[0].nullable) return items[0]
  return { ...joined(items), op: 'coalesce', items: [...items], nullable: last.nullable, kind: last.kind }
}

export function inList(item: Expr, list: Expr[]): Expr {
  if (list.length === 0) return compare(item, '<>', item)
  return { op: 'in', item, list, kind: 'boolean', nullable: item.nullable }
}

/** Branches of one kind; NULL without `otherwise`. */
export function choose(branches: { when: Expr; give: Expr }[], otherwise?: Expr): Expr {
  const live = branches.filter(({ when }) => !isLiteral(when, false))
  const sure = live.findIndex(({ when }) => isLiteral(when, true))
  const kept = sure < 0 ? live : live.slice(0, sure)
  const kind = commonKind([...branches.map((it) => it.give), ...(otherwise ? [otherwise] : [])])
  const last = sure < 0 ? (otherwise ?? nothing(kind ?? 'text')) : live[sure]!.give
  if (kept.length === 0) return last
  const values = [...kept.map((it) => it.give), last]
  const typed = (it: Expr): Expr => (isNull(it) ? nothing(kind ?? it.kind) : it)
  return {
    ...joined(values),
    op: 'case',
    branches: kept.map(({ when, give }) => ({ when, give: typed(give) })),
    otherwise: typed(last),
    kind: kind ?? last.kind,
    nullable: values.some((it) => it.nullable),
  }
}

/** Whole numbers beside decimals are decimals. */
function commonKind(values: Expr[]): SqlKind | undefined {
  const kinds = values.filter((it) => !isNull(it)).map((it) => it.kind)
  return kinds.includes('decimal') ? 'decimal' : kinds[0]
}

/** `then` where `when` is true, else NULL. */
export const where = (when: Expr, then: Expr): Expr => choose([{ when, give: then }])

/** What holds of every one of several values. */
function joined(given: Expr[]): Omit<ExprFacts, 'kind' | 'nullable'> {
  const items = given.filter((it) => !isNull(it))
  const all = (of: (it: Expr) => number | undefined, pick: (...them: number[]) => number) => {
    const known = items.map(of)
    return known.includes(undefined) || known.length === 0 ? undefined : pick(...(known as number[]))
  }
  return {
    ascii: items.every((it) => it.ascii) || undefined,
    max: all((it) => it.max, Math.max),
    least: all((it) => it.least, Math.min),
    scale: all((it) => it.scale, Math.max),
    bytes: all((it) => it.bytes, Math.max),
  }
}

/** Parts that are never NULL. */
export function concat(...given: Expr[]): Expr {
  const items = given
    .flatMap((it) => (it.op === 'concat' ? it.items : [it]))
    .filter((it) => !isLiteral(it, ''))
  if (items.length === 0) return text('')
  if (items.length === 1) return items[0]!
  const ascii = items.every((it) => it.ascii) || undefined
  const known = items.every((it) => it.bytes !== undefined)
  const size = known ? items.reduce((sum, it) => sum + it.bytes!, 0) : undefined
  return { op: 'concat', items, kind: 'text', nullable: items.some((it) => it.nullable), ascii, bytes: size }
}

export const cast = (item: Expr, to: CastType, facts: Partial<ExprFacts> = {}): Expr => ({
  op: 'cast',
  item,
  to,
  kind: to.kind,
  nullable: item.nullable,
  ...facts,
})

export const arithmetic = (
  left: Expr,
  operator: Arithmetic,
  right: Expr,
  kind: SqlKind,
  facts: Partial<ExprFacts> = {},
): Expr => ({
  op: 'arithmetic',
  operator,
  left,
  right,
  kind,
  nullable: left.nullable || right.nullable,
  ...facts,
})

export const length = (item: Expr): Expr =>
  unary('length', item, 'integer', { max: 2 ** 31, least: 1, scale: 0 })
export const bytes = (item: Expr): Expr =>
  unary('bytes', item, 'integer', { max: 2 ** 31, least: 1, scale: 0 })

export const isAscii = (item: Expr): Expr => (item.ascii ? truth(true) : unary('isAscii', item, 'boolean'))

export const toDouble = (item: Expr): Expr => {
  if (item.kind === 'double') return item
  if (item.op === 'literal' && item.value !== null) return double(Number(item.value))
  return unary('toDouble', item, 'double', { max: item.max, least: item.least })
}

/** |item| ≤ limit. Without an absolute value, which the smallest integer of 64 bits does not have. */
export function within(item: Expr, limit: Expr): Expr {
  const least: Expr =
    limit.op === 'literal'
      ? { ...limit, value: typeof limit.value === 'number' ? -limit.value : `-${limit.value}` }
      : limit
  return and(compare(item, '>=', least), compare(item, '<=', limit))
}

/** A number whose sign can be changed without leaving its type. */
export const signed = (item: Expr): Expr =>
  item.kind === 'integer' && !(item.max !== undefined && item.max <= SAFE) ? toDouble(item) : item
