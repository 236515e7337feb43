import jsonata from 'jsonata'
import type { Node } from '../../ast.ts'
import { compileAst } from '../compile-ast.ts'
import type { EngineOptions } from '../options.ts'
import { Refused } from '../refused.ts'
import { repair } from '../repair.ts'

/** What an expression comes to: a value, or the code of an error. */
export type Outcome = { value: unknown } | { code: string }

const PARSE_LIMITS = { timeout: 5000, stack: 2000, sequence: 1_000_000 }

type Evaluate = (input: unknown, bindings?: Record<string, unknown>) => Promise<Outcome>

/** An expression in the stock interpreter, with the parser's loss of patterns repaired. */
export function stockExpression(text: string, limits: jsonata.JsonataOptions = PARSE_LIMITS): Evaluate {
  const expression = jsonata(text, limits)
  repair(expression.ast() as unknown as Node)
  return async (input, bindings) => {
    try {
      return { value: plain(await expression.evaluate(input, bindings)) }
    } catch (cause) {
      return { code: codeOf(cause) }
    }
  }
}

export function engineExpression(
  text: string,
  options: EngineOptions = {},
): ((input: unknown, bindings?: Record<string, unknown>) => Outcome) | Refused {
  const compiled = compileAst(jsonata(text).ast() as unknown as Node, options)
  if (compiled instanceof Refused) return compiled
  return (input, bindings) => {
    try {
      return { value: plain(compiled.run(input, bindings)) }
    } catch (cause) {
      return { code: codeOf(cause) }
    }
  }
}

export const codeOf = (cause: unknown): string =>
  typeof (cause as { code?: unknown })?.code === 'string'
    ? (cause as { code: string }).code
    : cause instanceof Error
      ? cause.name
      : String(cause)

/** A value without flags and prototypes; functions and what JSON lacks as words. */
export function plain(value: unknown): unknown {
  if (typeof value === 'function') return '(function)'
  if (typeof value === 'number' && !Number.isFinite(value)) return `(${value})`
  if (value === undefined) return '(undefined)'
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? 0 : value
  if (Array.isArray(value)) return Array.from(value, plain)
  const marked = value as Record<string, unknown>
  if (marked['_jsonata_lambda'] === true || marked['_jsonata_function'] === true) return '(function)'
  const copy: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(value)) copy[name] = plain(marked[name])
  return copy
}
