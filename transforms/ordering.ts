import jsonata from 'jsonata'
import { canonicalDecimal, fitsNumber } from '../core/number.ts'
import { type Node, nodes } from './ast.ts'
import { Misfit } from './misfit.ts'

/** The operation that a guarded tree puts around everything that is ordered. */
export const ORDERED = ' ordered'

const ORDERS = ['<', '<=', '>', '>=']
const TOO_LONG_TO_ORDER = new Misfit(
  'E522',
  'orders a number that a double does not carry; it came as text, and texts order differently. Compare inside $decimal(…)',
)

/** Does the expression compare by size or sort? */
export const doesOrder = (ast: Node): boolean =>
  [...nodes(ast)].some(
    (it) =>
      (it.type === 'binary' && ORDERS.includes(String(it.value))) ||
      it.type === 'sort' ||
      (it.type === 'variable' && it.value === 'sort'),
  )

/** Puts the guard around operands of comparisons and sort terms. */
export function guardOrdering(ast: Node): void {
  for (const node of [...nodes(ast)]) {
    if (node.type === 'binary' && ORDERS.includes(String(node.value))) {
      node.lhs = guarded(node.lhs as Node)
      node.rhs = guarded(node.rhs!)
    }
    for (const term of node.terms ?? []) term.expression = guarded(term.expression)
  }
}

const guarded = (node: Node): Node => ({
  type: 'function',
  value: '(',
  position: node.position,
  procedure: { type: 'variable', value: ORDERED, position: node.position },
  arguments: [node],
})

/** @throws {Misfit} the value is, or holds, one of the row's long numbers */
export function refuseLong(value: unknown, longs: ReadonlySet<string>): unknown {
  const items = Array.isArray(value) ? value : [value]
  if (items.some((it) => typeof it === 'string' && longs.has(it))) throw TOO_LONG_TO_ORDER
  return value
}

interface NativeFunction {
  implementation(...parameters: unknown[]): Promise<unknown>
}

// The definition of a stock function, as jsonata 2.2.2 gives it: undocumented, the version is pinned.
const stockSort = (await jsonata('$sort').evaluate(null)) as NativeFunction

/** `$sort` that looks at its list first. */
export const guardedSort = (longs: ReadonlySet<string>): NativeFunction => ({
  ...stockSort,
  implementation(list, comparator) {
    return stockSort.implementation.call(this, refuseLong(list, longs), comparator)
  },
})

/** Canonical text of a number that a double does not carry. */
export const isLongNumber = (text: string): boolean =>
  text.length > 15 && /^-?[\d.]+$/.test(text) && canonicalDecimal(text) === text && !fitsNumber(text)
