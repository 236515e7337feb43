import jsonata from 'jsonata'
import type { Problem } from '../core/errors.ts'
import type { SourceText } from '../core/place.ts'
import type { Node } from './ast.ts'
import { repair, SafeRegex } from './engine/index.ts'

/** What one row may cost: a step more is an error of that row, and the process lives on. */
export const LIMITS = { timeout: 2_000, stack: 2_000, sequence: 1_000_000 }

export interface Parsed {
  expression: jsonata.Expression
  ast: Node
}

/** Parses an expression anew on every call: its tree may be changed by the caller. */
export function parse(text: string): Parsed {
  // Its type asks for the whole of RegExp; what it uses is `lastIndex` and `exec`.
  const RegexEngine = SafeRegex as unknown as RegExpConstructor
  const expression = jsonata(text, { ...LIMITS, RegexEngine })
  const ast = expression.ast() as unknown as Node
  repair(ast)
  return { expression, ast }
}

/** Parses, or says where the text is no JSONata. */
export function parseText(source: SourceText): Parsed | Problem {
  try {
    return parse(source.text)
  } catch (cause) {
    return syntaxProblem(source, cause as Partial<jsonata.JsonataError>)
  }
}

export const isParsed = (it: Parsed | Problem): it is Parsed => 'ast' in it

function syntaxProblem(source: SourceText, cause: Partial<jsonata.JsonataError>): Problem {
  const to = Math.min(cause.position ?? source.text.length, source.text.trimEnd().length)
  const token = typeof cause.token === 'string' && cause.token !== '(end)' ? cause.token : ''
  const isToken = token !== '' && source.text.slice(0, to).endsWith(token)
  const from = isToken ? to - token.length : Math.max(0, to - 1)
  return {
    code: 'E201',
    severity: 'error',
    at: source.place(from, to),
    problem: `This is no JSONata: ${withoutStop(cause.message ?? 'syntax error')}.`,
    remedy: remedyFor(cause.code, source.text),
  }
}

const withoutStop = (text: string): string => text.replace(/\.$/, '')

function remedyFor(code: string | undefined, text: string): string {
  if (code === 'S0207' && text.trim() === '') return 'Write the name of a field, or leave the line out.'
  if (code === 'S0203' || code === 'S0207')
    return 'Close the bracket or quote, or finish the expression; in YAML, quote text with "#", ": " or a leading "{".'
  if (code === 'S0201')
    return 'An operator is missing before this; a field name with blanks goes in backticks: `my field`.'
  return 'Correct the expression: https://docs.jsonata.org'
}
