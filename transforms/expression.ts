import type { Problem } from '../core/errors.ts'
import type { MappingInput } from '../core/mapping.ts'
import type { SourceText } from '../core/place.ts'
import { shorten } from '../core/row-id.ts'
import { analyze, type ColumnCheck, checkResult, type Surroundings, type Value } from './analyze/index.ts'
import type { Node } from './ast.ts'
import { ASK_INTERPRETER, type CompileInput, compiledRun } from './compiled.ts'
import { rewriteDecimals } from './decimal.ts'
import { exactOperations } from './decimal-math.ts'
import { failure } from './failure.ts'
import { Misfit } from './misfit.ts'
import { doesOrder, guardedSort, guardOrdering, ORDERED, refuseLong } from './ordering.ts'
import { isParsed, type Parsed, parse, parseText } from './parse.ts'
import { copyOf } from './plain.ts'
import { REF, type Reference, referredId, SELF } from './reference.ts'
import { rewriteReferences } from './reference-check.ts'
import { type Reporter, reporter } from './report.ts'
import { type Runtime, rowObject, slotOf } from './runtime.ts'
import { walkScope } from './scope.ts'
import { FALLBACK, fieldPath, trivialRun } from './trivial.ts'

/** An expression, ready to run on the row in its `Runtime`. */
export interface Expression {
  /** The value, undefined where missing; a promise only where the interpreter is needed. */
  run(): unknown
  /** Slot of the field, where the expression is a field of the source row by its bare name. */
  slot?: number
  /** The value is taken as the source has it: a path, nothing computed. */
  fromSource: boolean
  uses: Uses
  /** Where its value comes from and of what type it is, as far as that is known before any row. */
  value: Value
}

/** Fields that an expression takes from the source row and, below `each`, from the item. */
export interface Uses {
  row: Set<string>
  item: Set<string>
  wholeRow: boolean
  wholeItem: boolean
}

export interface ExpressionInput {
  source: SourceText
  mapping: MappingInput
  runtime: Runtime
  /** What bare names mean. */
  start: 'row' | 'item'
  surroundings: Surroundings
  /** The column that the result goes to. */
  result?: Pick<ColumnCheck, 'column' | 'mapping' | 'zone'>
  /** Fraction digits of `$decimal` here. */
  scale: number
  problems: Problem[]
}

/** @returns undefined where there are errors; they were added to `problems` */
export function compileExpression(input: ExpressionInput): Expression | undefined {
  const parsed = parseText(input.source)
  if (!isParsed(parsed)) {
    input.problems.push(parsed)
    return undefined
  }
  const { start } = input
  const report = reporter(input.source, [])
  const value = analyze(parsed.ast, input.surroundings, report)
  const isSound = report.problems.every((it) => it.severity !== 'error')
  if (input.result && isSound) checkResult({ ...input.result, ast: parsed.ast, value, report })
  const uses = usesOf(parsed.ast, start)
  const path = fieldPath(parsed.ast, start)
  const quick = trivialRun(parsed.ast, { ...input, start, report })
  const slow = evaluated(parsed, input, report, uses)
  input.problems.push(...report.problems)
  if (report.problems.some((it) => it.severity === 'error')) return undefined
  const slot =
    path?.of === 'row' && path.names.length === 1 ? slotOf(input.runtime, path.names[0]!) : undefined
  // A path may fall back to the interpreter; a field by its name never does.
  if (slot === undefined) wantRow(input.runtime, uses)
  return { run: quick ? withFallback(quick, slow) : slow, slot, fromSource: path !== undefined, uses, value }
}

function withFallback(quick: () => unknown, slow: () => unknown): () => unknown {
  return () => {
    const value = quick()
    return value === FALLBACK ? slow() : value
  }
}

function usesOf(ast: Node, start: 'row' | 'item'): Uses {
  const uses: Uses = { row: new Set(), item: new Set(), wholeRow: false, wholeItem: false }
  walkScope(ast, start, {
    field: (context, name) => uses[context].add(name),
    whole: (context) => {
      if (context === 'row') uses.wholeRow = true
      else uses.wholeItem = true
    },
  })
  return uses
}

function wantRow(runtime: Runtime, uses: Uses): void {
  if (uses.wholeRow) runtime.wanted = 'all'
  else if (runtime.wanted !== 'all') for (const it of uses.row) runtime.wanted.add(it)
}

/** The evaluation of any expression: compiled where that is possible, else, and to name a failure, interpreted. */
function evaluated(parsed: Parsed, input: ExpressionInput, report: Reporter, uses: Uses): () => unknown {
  const { runtime, start } = input
  const plain = prepare(parsed, input, report)
  const orders = doesOrder(parsed.ast)
  const guarded = orders ? prepareGuarded(input, report) : plain
  if (orders) runtime.orders = true
  const usesRow = start === 'row' || uses.wholeRow || uses.row.size > 0
  const run = (prepared: Prepared) => {
    const interpret = interpreted(prepared, input, usesRow)
    const compiled = report.problems.some((it) => it.severity === 'error')
      ? undefined
      : compiledRun(prepared.ast, { runtime, start, ...prepared })
    return compiled ? compiledFirst(compiled, interpret) : interpret
  }
  const runPlain = run(plain)
  if (!orders) return runPlain
  const runGuarded = run(guarded)
  return () => {
    // Looks for long numbers in all that expressions take from the row.
    if (usesRow) rowObject(runtime)
    return runtime.longs.size > 0 ? runGuarded() : runPlain()
  }
}

function compiledFirst(compiled: () => unknown, interpret: () => Promise<unknown>): () => unknown {
  return () => {
    const value = compiled()
    return value === ASK_INTERPRETER ? interpret() : value
  }
}

function interpreted(
  { expression }: Prepared,
  { runtime, start }: ExpressionInput,
  usesRow: boolean,
): () => Promise<unknown> {
  return async () => {
    try {
      const row = usesRow ? copyOf(rowObject(runtime)) : undefined
      const value = await expression.evaluate(start === 'row' ? row : copyOf(runtime.item), { row })
      return value === null ? undefined : value
    } catch (cause) {
      throw failure(cause)
    }
  }
}

/** An expression with Polder's functions in its tree. */
interface Prepared extends Parsed {
  functions: CompileInput['functions']
  guards?: CompileInput['guards']
}

function prepare({ expression, ast }: Parsed, input: ExpressionInput, report: Reporter): Prepared {
  const { mapping, runtime, scale } = input
  rewriteDecimals(ast, report, scale)
  const references: Reference[] = rewriteReferences(ast, mapping, report)
  const functions: Prepared['functions'] = {
    ...exactOperations,
    [REF]: (at: number, ...keys: unknown[]) => referredId(references[at]!, keys),
    [SELF]: (suffix: string) => shorten(runtime.prefix + runtime.key + suffix),
    [ORDERED]: (value: unknown) => refuseLong(value, runtime.longs),
    eval: refuseEval,
  }
  for (const [name, operation] of Object.entries(functions)) expression.assign(name, operation)
  return { expression, ast, functions }
}

/** A second tree for rows that hold long numbers: it refuses to order them. */
function prepareGuarded(input: ExpressionInput, report: Reporter): Prepared {
  const parsed = parse(input.source.text)
  const prepared = prepare(parsed, input, report)
  guardOrdering(parsed.ast)
  parsed.expression.assign('sort', guardedSort(input.runtime.longs))
  return { ...prepared, guards: { sort: (list) => refuseLong(list, input.runtime.longs) } }
}

/** The check refuses `$eval` by its name; this is for any other way to it. */
function refuseEval(): never {
  throw new Misfit('E503', 'the expression failed: $eval is switched off')
}
