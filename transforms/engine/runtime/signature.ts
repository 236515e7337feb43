import { contextValue, type State } from './state.ts'
import type { Signature } from './stock.ts'

interface Parameter {
  /** Symbols of the types it takes; missing is `m`. */
  takes: string
  /** Type of the entries of a list. */
  entries?: string
  optional: boolean
}

const known = new WeakMap<Signature, Parameter[] | null>()

/**
 * Checks arguments as JSONata does. What fits place by place is seen at once; for anything else its own check is asked,
 * which gives the right error.
 */
export function checkedArguments(
  state: State,
  signature: Signature,
  given: unknown[],
  context: unknown,
): unknown[] {
  let parameters = known.get(signature)
  if (parameters === undefined) {
    parameters = parametersOf(signature.definition)
    known.set(signature, parameters)
  }
  if (parameters !== null && fits(parameters, given)) return given
  return signature.validate(given, contextValue(state, context))
}

function fits(parameters: Parameter[], given: unknown[]): boolean {
  if (given.length > parameters.length) return false
  for (let at = 0; at < parameters.length; at++) {
    const parameter = parameters[at]!
    if (at >= given.length) {
      if (!parameter.optional) return false
    } else if (!fitsOne(parameter, given[at])) return false
  }
  return true
}

function fitsOne({ takes, entries }: Parameter, value: unknown): boolean {
  const symbol = symbolOf(value)
  if (!takes.includes(symbol)) return false
  if (takes !== 'a' || entries === undefined) return true
  for (const it of value as unknown[]) if (symbolOf(it) !== entries) return false
  return true
}

function symbolOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 's'
    case 'number':
      return 'n'
    case 'boolean':
      return 'b'
    case 'function':
      return 'f'
    case 'undefined':
      return 'm'
    default:
      return value === null ? 'l' : Array.isArray(value) ? 'a' : 'o'
  }
}

const TOKEN = /([snblofajx]|\([a-z]+\))(?:<([^<>]*)>)?([-?+]*)/y

/** @returns null for a signature that is not read place by place */
function parametersOf(definition: string): Parameter[] | null {
  const parameters: Parameter[] = []
  TOKEN.lastIndex = 1
  while (TOKEN.lastIndex < definition.length && !':>'.includes(definition[TOKEN.lastIndex]!)) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(definition)
    if (token === null || token.index !== at || token[3]!.includes('+')) return null
    const [, type, entries, marks] = token
    const optional = marks === '?'
    if (type === 'a' && entries !== undefined && entries.length !== 1) return null
    parameters.push({ takes: takesOf(type!), entries: type === 'a' ? entries : undefined, optional })
  }
  return parameters
}

function takesOf(type: string): string {
  if (type === 'x') return 'asnblfom'
  if (type === 'j') return 'asnblom'
  if (type === 'a' || type === 'f') return type
  return type.startsWith('(') ? `${type.slice(1, -1)}m` : `${type}m`
}
