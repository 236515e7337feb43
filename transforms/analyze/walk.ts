import type { Node } from '../ast.ts'
import type { Reporter } from '../report.ts'
import type { Paths } from './path.ts'
import type { Value } from './value.ts'

/** What an expression stands in. */
export interface Surroundings {
  /** The source row (`$row`), and what bare names and `$$` mean: the row, or below `each` one item. */
  row: Value
  start: Value
  /** Places of the row's key: what `$self` is made of. */
  key: Paths
  /** `shop.customers`, for messages. */
  dataset: string
  /** What a missing value would lead to, as `every party.given_name would be NULL`. */
  effect: string
  /** A condition in which a missing value drops the row. */
  filters?: boolean
}

/** One walk through one expression. */
export interface Walk extends Surroundings {
  report: Reporter
  /** Names that the expression binds anywhere. */
  names: Set<string>
  /** Bindings that were read. */
  used: Set<Node>
  /** Bindings whose value nothing but the variable carries on. */
  statements: Map<Node, string>
  /** Functions that nothing has called yet: they are walked at the end, with arguments not known. */
  pending: Map<Node, () => void>
  /** Inside how many `$decimal`: there texts count as numbers. */
  exact: number
  /** Calls in hand. */
  depth: number
  /** Nodes left: a recursion that does not end is cut, and may be anything then. */
  budget: number
  /** Conditions that decide the whole, where it is one: `and`, `or` and what they join. */
  spine: Set<Node>
  /** Fields that the expression asks for with `$exists`. */
  asked: Set<string>
}

export const MAX_CALLS = 12
export const MAX_NODES = 20_000
