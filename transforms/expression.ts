import type { Problem } from '../core/errors.ts'
import type { MappingInput } from '../core/mapping.ts'
import type { SourceText } from '../core/place.ts'
import { analyze, type ColumnCheck, checkResult, type Surroundings, type Value } from './analyze/index.ts'
import { isCallOf, type Node, nodes } from './ast.ts'
import { ASK_INTERPRETER, compiledRun } from './compiled.ts'
import { Refused } from './engine/index.ts'
import { doesOrder } from './ordering.ts'
import { isParsed, type Parsed, parse, parseText } from './parse.ts'
import { type Prepared, type PrepareInput, prepare, prepareGuarded, type RowContext } from './prepared.ts'
import { referredDataset } from './reference-check.ts'
import { type Reporter, reporter } from './report.ts'
import { noteLongs, type Runtime, rowObject, slotOf } from './runtime.ts'
import { walkScope } from './scope.ts'
import type { StockSpec } from './stock/protocol.ts'
import { stockExpression } from './stock/stock-expression.ts'
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
interface Uses {
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
  /** Called where only the interpreter can run it, with the reason. */
  onRefused?(refused: Refused): void
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
  const given = prepareInput(input, report)
  const plain = prepare(parsed, given)
  const orders = doesOrder(parsed.ast)
  const guarded = orders ? prepareGuarded(input.source.text, given) : plain
  if (report.problems.some((it) => it.severity === 'error')) return () => undefined
  if (orders) runtime.orders = true
  const usesRow = start === 'row' || uses.wholeRow || uses.row.size > 0
  const interpret = interpreted(input, usesRow)
  const run = ({ ast, functions, guards }: Prepared) => {
    const compiled = compiledRun(ast, { runtime, start, functions, guards, begin: input.source.begin })
    if (!(compiled instanceof Refused)) return compiledFirst(compiled, interpret)
    input.onRefused?.(compiled)
    return interpret
  }
  const runPlain = run(plain)
  if (!orders) return runPlain
  const runGuarded = run(guarded)
  return () => {
    // Looks for long numbers in all that expressions take from the row, and in the item.
    if (usesRow) rowObject(runtime)
    if (start === 'item') noteLongs(runtime.item, runtime.longs)
    return runtime.longs.size > 0 ? runGuarded() : runPlain()
  }
}

function prepareInput(input: ExpressionInput, report: Reporter): PrepareInput {
  const { mapping, runtime, scale } = input
  const row: RowContext = {
    self: () => runtime.prefix + runtime.key,
    longs: runtime.longs,
    changed: (code) => void runtime.noted.push(code),
  }
  return { mapping, row, scale, report, zone: zoneOf(input) }
}

const zoneOf = ({ mapping, result }: ExpressionInput): string | undefined =>
  result?.zone ?? mapping.dataset.timezone ?? mapping.timezone

function compiledFirst(compiled: () => unknown, interpret: () => Promise<unknown>): () => unknown {
  return () => {
    const value = compiled()
    return value === ASK_INTERPRETER ? interpret() : value
  }
}

/** In the interpreter's own thread, which is told of the expression when it is first needed. */
function interpreted(input: ExpressionInput, usesRow: boolean): () => Promise<unknown> {
  const { runtime, start } = input
  let evaluate: ReturnType<typeof stockExpression> | undefined
  return async () => {
    evaluate ??= stockExpression(stockSpec(input))
    const row = usesRow ? rowObject(runtime) : undefined
    const { value, noted } = await evaluate({
      input: start === 'row' ? row : runtime.item,
      row,
      self: runtime.prefix + runtime.key,
      longs: [...runtime.longs],
    })
    for (const it of noted) runtime.noted.push(it)
    return value
  }
}

function stockSpec(input: ExpressionInput): StockSpec {
  const { source, scale, mapping } = input
  const { pipeline, name, targets } = mapping.dataset
  const zone = zoneOf(input)
  return {
    text: source.text,
    ...(source.begin === undefined ? {} : { begin: source.begin }),
    scale,
    dataset: { pipeline, name, targets: targets.map(({ as, each }) => ({ as, each: each !== undefined })) },
    refs: referredTargets(source.text, mapping),
    ...(zone === undefined ? {} : { zone }),
  }
}

/** All that `$ref` in the expression can lead to. */
function referredTargets(text: string, mapping: MappingInput): StockSpec['refs'] {
  const refs: StockSpec['refs'] = {}
  for (const call of nodes(parse(text).ast)) {
    if (!isCallOf(call, 'ref')) continue
    const dataset = referredDataset(String(call.arguments![0]?.value), mapping.dataset.pipeline)
    const target = mapping.target(dataset)
    if (target) refs[dataset] = target
  }
  return refs
}
