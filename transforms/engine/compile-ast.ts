import jsonata from 'jsonata'
import type { Node } from '../ast.ts'
import { boundIn } from './closures/lambda.ts'
import { compile } from './closures/node.ts'
import { type Place, type Run, Scope, type Unit } from './closures/unit.ts'
import { generated } from './generated/index.ts'
import type { EngineOptions, HostFunction } from './options.ts'
import { Refused } from './refused.ts'
import { repairable } from './repair.ts'
import { type Builtin, builtins } from './runtime/builtins/index.ts'
import { type Callable, callable } from './runtime/call.ts'
import { asEngineError, EngineError } from './runtime/error.ts'
import { SafeRegex } from './runtime/regex/safe-regex.ts'
import { asSequence, isList, type List } from './runtime/sequence.ts'
import { LIMITS, newState, ROW, type State, startEvaluation } from './runtime/state.ts'
import type { Signature } from './runtime/stock.ts'

export interface CompiledAst {
  /**
   * The value for one input; undefined where missing.
   * @param input ignored where the root is read by a reader
   * @throws {EngineError} with JSONata's code; what a host function throws comes through as it is
   */
  run(input?: unknown, bindings?: Record<string, unknown>): unknown
  /** What it runs on once it has run often. */
  backEnd(): 'closures' | 'generated'
}

/**
 * Makes closures of a syntax tree of jsonata 2.2.2: what `run` gives is what the interpreter gives, with the limits of
 * `options`. The tree is not changed and must not be changed afterwards.
 * @returns why not, and at which node, for what only the interpreter can do
 */
export function compileAst(ast: Node, options: EngineOptions = {}): CompiledAst | Refused {
  const state = newState({ ...LIMITS, ...options.limits }, options.root && (() => options.root!.whole()))
  const unit: Unit = {
    state,
    root: options.root,
    readers: new Map(Object.entries(options.readers ?? {})),
    functions: new Map(Object.entries(options.functions ?? {}).map(([name, it]) => [name, hostFunction(it)])),
    bindings: new Set(options.bindings ?? []),
    regex: options.regex ?? ((pattern) => new SafeRegex(pattern)),
    builtins: guardedBuiltins(options.guards ?? {}),
    builtinValues: new Map(),
    ...repairable(ast),
  }
  const scope = new Scope(undefined, [], boundIn([ast]))
  try {
    const place = { unit, scope, row: options.root !== undefined }
    const closures = compile(ast, place)
    const backEnd = () => (generatedOr(closures, ast, place) === closures ? 'closures' : 'generated')
    return { run: runner(chosen(closures, ast, place, options.backEnd), place), backEnd }
  } catch (cause) {
    if (cause instanceof Refused) return cause
    if (cause instanceof RangeError) return new Refused('it is nested too deep', ast)
    throw cause
  }
}

/** Evaluations after which generated code has paid for its making. */
const OFTEN = 300
const FOR_TESTS = process.env['POLDER_TEST_BACK_END'] as EngineOptions['backEnd']

function chosen(closures: Run, ast: Node, place: Place, backEnd = FOR_TESTS): Run {
  if (backEnd === 'closures') return closures
  if (backEnd === 'generated') return generated(ast, place) ?? closures
  let left = OFTEN
  let run: Run = (input, frame) => {
    if (left-- > 0) return closures(input, frame)
    run = generatedOr(closures, ast, place)
    return run(input, frame)
  }
  return (input, frame) => run(input, frame)
}

// A fault of the generator must cost speed only.
function generatedOr(closures: Run, ast: Node, place: Place): Run {
  try {
    return generated(ast, place) ?? closures
  } catch {
    return closures
  }
}

function runner(run: Run, { unit: { state }, scope, row }: Place): CompiledAst['run'] {
  // Without variables nothing is ever written into it.
  const bare = scope.slots.size === 0 ? scope.frame(undefined) : undefined
  return (input, bindings) => {
    startEvaluation(state)
    state.root = input
    state.bindings = bindings
    try {
      return run(row ? ROW : wrapped(input), bare ?? scope.frame(undefined))
    } catch (cause) {
      const error = asEngineError(cause)
      if (error === undefined) throw cause
      error.costly = state.startedAt !== 0 || LIMIT_CODES.has(error.code)
      throw error
    }
  }
}

const LIMIT_CODES = new Set(['D1011', 'D1012', 'D2014', 'D2015', 'P1001', 'P1002', 'P1003'])

/** A list as input is one value, not many. */
function wrapped(input: unknown): unknown {
  if (!isList(input) || input.sequence) return input
  const wrapper: List = asSequence([input])
  wrapper.outerWrapper = true
  return wrapper
}

function guardedBuiltins(guards: NonNullable<EngineOptions['guards']>): ReadonlyMap<string, Builtin> {
  const names = Object.keys(guards)
  if (names.length === 0) return builtins
  const all = new Map(builtins)
  for (const name of names) {
    const builtin = all.get(name)!
    const run = (state: State, ...given: never[]): unknown => {
      guards[name]!(given[0])
      return builtin.run(state, ...given)
    }
    all.set(name, { ...builtin, run })
  }
  return all
}

function hostFunction({ implementation, signature }: HostFunction): Callable {
  const invoke = (given: unknown[]): unknown => {
    const value = implementation(...(given as never[]))
    if (value instanceof Promise) throw new EngineError('P1003')
    return value
  }
  return callable(
    implementation.length,
    invoke,
    signature === undefined ? undefined : parsedSignature(signature),
  )
}

function parsedSignature(text: string): Signature {
  const parsed = jsonata(`function()${text}{0}`).ast() as unknown as Node
  return parsed.signature as Signature
}
