import { dottedPath, isCallOf, type Node, nodes } from '../ast.ts'
import type { Reporter } from '../report.ts'
import { boundNames } from '../scope.ts'
import { evaluate } from './evaluate.ts'
import { newFrame } from './frame.ts'
import type { Value } from './value.ts'
import { MAX_NODES, type Surroundings, type Walk } from './walk.ts'

export { type ColumnCheck, checkResult } from './lint-column.ts'
export { rowOf } from './source.ts'
export type { Value } from './value.ts'
export { item } from './value.ts'
export type { Surroundings } from './walk.ts'

/**
 * Walks an expression once, before Polder's own functions are put into its tree: what can it give, where from, and
 * what is wrong with it?
 */
export function analyze(ast: Node, surroundings: Surroundings, report: Reporter): Value {
  const walk: Walk = {
    ...surroundings,
    report,
    names: boundNames(ast),
    used: new Set(),
    statements: new Map(),
    pending: new Map(),
    exact: 0,
    depth: 0,
    budget: MAX_NODES,
    spine: new Set(surroundings.filters ? spineOf(ast) : []),
    asked: askedIn(ast),
  }
  const value = evaluate(ast, walk.start, newFrame(), walk)
  callPending(walk)
  if (walk.budget > 0) warnOfUnused(walk)
  return value
}

/** A function that was never called is walked all the same: what is wrong in it is wrong. */
function callPending(walk: Walk): void {
  while (walk.pending.size > 0 && walk.budget > 0) {
    const [node, run] = walk.pending.entries().next().value!
    walk.pending.delete(node)
    run()
  }
}

function warnOfUnused({ statements, used, report }: Walk): void {
  for (const [node, name] of statements) {
    if (used.has(node)) continue
    report.warn(
      'E231',
      node.lhs as Node,
      `The variable "$${name}" is never used.`,
      'Take it out, or use it: is another name misspelled?',
    )
  }
}

/** The whole, and what `and`, `or`, `$not` and brackets make it of. */
function* spineOf(node: Node): Generator<Node> {
  yield node
  const isJoint = node.type === 'binary' && (node.value === 'and' || node.value === 'or')
  const parts = isJoint ? [node.lhs as Node, node.rhs!] : node.type === 'block' ? node.expressions! : []
  for (const it of parts) yield* spineOf(it)
}

/** Fields that the expression asks for: `$exists(status)`, `status ? …`. */
function askedIn(ast: Node): Set<string> {
  const asked = new Set<string>()
  for (const it of nodes(ast)) {
    const question = isCallOf(it, 'exists') ? it.arguments![0] : it.condition
    const path = question && dottedPath(question)
    if (path?.head.type === 'name') asked.add([String(path.head.value), ...path.names].join('.'))
  }
  return asked
}
