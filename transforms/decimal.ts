import Big from 'big.js'
import { canonicalDecimal } from '../core/number.ts'
import { eachChild, isCallOf, type Node, nodes, numberDigits } from './ast.ts'
import type { Reporter } from './report.ts'

/** Names of the exact operations that a rewritten tree calls; a blank keeps them out of the user's reach. */
export const EXACT = {
  '+': ' add',
  '-': ' subtract',
  '*': ' multiply',
  '<': ' less',
  '<=': ' less or equal',
  '>': ' greater',
  '>=': ' greater or equal',
  '=': ' equal',
  '!=': ' unequal',
  negate: ' negate',
  sum: ' sum',
  number: ' number',
  carried: ' carried',
  result: ' result',
} as const

const ARITHMETIC = ['+', '-', '*']
const DIVISION = ['/', '%']
/** Steps of a path that take a value and compute nothing. */
const TAKING = ['name', 'variable', 'wildcard', 'descendant', 'parent', 'sort']
const COMPARISON = ['<', '<=', '>', '>=', '=', '!=']
const INEXACT_FUNCTIONS = ['average', 'power', 'sqrt', 'random', 'round', 'eval']

/**
 * Rewrites every `$decimal(…)` of a tree, so that what is computed inside is computed by exact operations.
 * @param scale fraction digits of the results
 */
export function rewriteDecimals(ast: Node, report: Reporter, scale: number): void {
  const all = [...nodes(ast)]
  const calls = all.filter((it) => isCallOf(it, 'decimal') && it.arguments?.length === 1)
  const called = new Set(all.filter((it) => it.type === 'function').map((it) => it.procedure))
  for (const it of all) {
    if (it.type !== 'variable' || it.value !== 'decimal' || called.has(it)) continue
    report.error(
      'E221',
      it,
      '$decimal must be called with its expression: $decimal(…).',
      'Write $decimal(price * quantity).',
    )
  }
  // Inner calls first: their operations are then no arithmetic of the outer one any more.
  for (const call of calls.reverse()) rewriteCall(call, report, scale)
}

function rewriteCall(call: Node, report: Reporter, scale: number): void {
  const exact = exactly(report)
  exact.value(call.arguments![0]!)
  call.procedure = { type: 'variable', value: EXACT.result, position: call.procedure!.position }
  call.arguments = [call.arguments![0]!, { type: 'value', value: scale }]
}

function callOf(node: Node, name: string, operands: Node[]): void {
  const procedure: Node = { type: 'variable', value: name, position: node.position }
  delete node.lhs
  delete node.rhs
  delete node.expression
  Object.assign(node, { type: 'function', value: '(', procedure, arguments: operands })
}

function exactly(report: Reporter) {
  const refuse = (node: Node, what: string): void =>
    report.error(
      'E210',
      node,
      `${what} has no exact decimal form.`,
      'Inside $decimal: + - *, comparisons, $sum, conditions, fields, numbers.',
    )

  /** The node gives a decimal. */
  const value = (node: Node): void => {
    byType[node.type]?.(node)
    for (const it of node.predicate ?? []) loose(it.expr)
  }

  /** The node gives anything (a condition, a text); what is computed or compared in it is still exact. */
  const loose = (node: Node): void => {
    const operator = node.type === 'binary' ? String(node.value) : ''
    if (ARITHMETIC.includes(operator) || isNegation(node) || isCallOf(node, 'sum')) carried(node)
    else if (COMPARISON.includes(operator) || DIVISION.includes(operator)) binary(node)
    else if (isInexact(node)) refuse(node, `$${node.value}`)
    else eachChild(node, loose)
  }

  const literal = (node: Node): void => {
    const digits = new Big(numberDigits(node, report.source.text))
    Object.assign(node, { type: 'value', value: Number(node.value) < 0 ? digits.neg() : digits })
  }

  const text = (node: Node): void => {
    if (canonicalDecimal(String(node.value)) === undefined) refuse(node, 'A text')
  }

  const path = (node: Node): void => {
    if (node.group) refuse(node, 'A grouping')
    for (const step of node.steps!) {
      if (!TAKING.includes(step.type)) value(step)
      else for (const it of step.predicate ?? []) loose(it.expr)
      for (const it of step.stages ?? []) if (it.expr) loose(it.expr)
    }
  }

  const condition = (node: Node): void => {
    loose(node.condition!)
    value(node.then!)
    if (node.else) value(node.else)
  }

  /** A variable holds plain numbers, so that whatever reads it understands it. */
  const bind = (node: Node): void => {
    if (node.rhs!.type === 'lambda') {
      loose(node.rhs!)
      return
    }
    value(node.rhs!)
    const held = { type: 'block', position: node.position }
    callOf(held, EXACT.carried, [node.rhs!])
    node.rhs = held
  }

  const binary = (node: Node): void => {
    const operator = String(node.value)
    const sides = [node.lhs as Node, node.rhs!]
    if (ARITHMETIC.includes(operator) || COMPARISON.includes(operator)) {
      for (const side of sides) if (!isEquality(operator) || side.type !== 'string') value(side)
      callOf(node, EXACT[operator as '+'], sides)
    } else if (DIVISION.includes(operator) || operator === '..') refuse(node, `"${operator}"`)
    else sides.forEach(loose)
  }

  const unary = (node: Node): void => {
    if (isNegation(node)) {
      const operand = node.expression!
      value(operand)
      callOf(node, EXACT.negate, [operand])
    } else if (node.value === '{') refuse(node, 'An object')
    else node.expressions!.forEach(value)
  }

  const called = (node: Node): void => {
    const name = node.procedure!.type === 'variable' ? String(node.procedure!.value) : ''
    if (INEXACT_FUNCTIONS.includes(name)) refuse(node, `$${name}`)
    else if (name !== 'sum' && name !== 'number') node.arguments!.forEach(loose)
    else {
      node.arguments!.forEach(value)
      node.procedure = { type: 'variable', value: EXACT[name], position: node.procedure!.position }
    }
  }

  const carried = (node: Node): void => {
    const inner = { ...node }
    value(inner)
    callOf(node, EXACT.carried, [inner])
    delete node.predicate
  }

  const noFunction = (node: Node): void => refuse(node, 'A function')
  const byType: Record<string, (node: Node) => void> = {
    number: literal,
    string: text,
    path,
    condition,
    bind,
    binary,
    unary,
    function: called,
    block: (node) => node.expressions!.forEach(value),
    lambda: noFunction,
    partial: noFunction,
    transform: noFunction,
    regex: noFunction,
    apply: (node) => refuse(node, '"~>"'),
  }
  return { value }
}

const isNegation = (node: Node): boolean => node.type === 'unary' && node.value === '-'
const isEquality = (operator: string): boolean => operator === '=' || operator === '!='
/** A function that computes, named to be called by another or after `~>`. */
const isInexact = (node: Node): boolean =>
  node.type === 'variable' && ['sum', ...INEXACT_FUNCTIONS].includes(String(node.value))
