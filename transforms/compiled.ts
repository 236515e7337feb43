import type { Node } from './ast.ts'
import {
  type CompiledAst,
  compileAst,
  EngineError,
  type EngineOptions,
  type HostFunction,
  Refused,
  type RowReader,
} from './engine/index.ts'
import { failure } from './failure.ts'
import { fieldReader, type Runtime, rowObject, slotOf } from './runtime.ts'

/** A result is not there: the interpreter has to say what this gives, or why it fails. */
export const ASK_INTERPRETER = Symbol('ask the interpreter')

export interface CompileInput {
  runtime: Runtime
  start: 'row' | 'item'
  /** By the names that the tree calls. */
  functions: Record<string, HostFunction['implementation']>
  guards?: EngineOptions['guards']
  /** Where the user's own expression begins. */
  begin?: number
}

export interface CompiledRun {
  run(): unknown
  backEnd: CompiledAst['backEnd']
}

/** The row in hand, read from the columns of its batch. */
function rowReader(runtime: Runtime): RowReader {
  return {
    field: (name) => fieldReader(runtime, slotOf(runtime, name)),
    whole: () => rowObject(runtime),
  }
}

/**
 * Compiles a prepared tree.
 * @returns why not, where only the interpreter can run it
 */
export function compiledRun(ast: Node, input: CompileInput): CompiledRun | Refused {
  const { runtime, start } = input
  const row = rowReader(runtime)
  const functions = Object.fromEntries(
    Object.entries(input.functions).map(([name, implementation]) => [name, { implementation }]),
  )
  const root = start === 'row' ? row : undefined
  const compiled = compileAst(ast, { root, readers: { row }, functions, guards: input.guards })
  if (compiled instanceof Refused) return compiled
  const { run, backEnd } = compiled
  // What chance or the clock decided cannot be asked again.
  const mayAsk = !callsAny(ast, ['random', 'shuffle', 'now', 'millis'])
  const once = () => {
    try {
      const value = run(runtime.item)
      return value === null ? undefined : value
    } catch (cause) {
      if (cause instanceof EngineError && !cause.costly && mayAsk) return ASK_INTERPRETER
      throw failure(cause, input.begin)
    }
  }
  return { run: once, backEnd }
}

function callsAny(value: unknown, names: string[]): boolean {
  if (value === null || typeof value !== 'object') return false
  if (Array.isArray(value)) return value.some((it) => callsAny(it, names))
  const node = value as Node
  if (node.type === 'variable' && names.includes(String(node.value))) return true
  return Object.values(node).some((it) => callsAny(it, names))
}
