import type { Batch, Column } from '../core/batch.ts'
import type { Problem } from '../core/errors.ts'
import type { MappingInput } from '../core/mapping.ts'
import type { SourceText } from '../core/place.ts'
import type { EvalRow, TriedExpression } from '../core/report.ts'
import { datasetRef, type WithSpec } from '../core/spec.ts'
import type { Json } from '../core/value.ts'
import { rowOf, type Surroundings } from './analyze/index.ts'
import { controlOf, dataPaths, fieldsOfLookups } from './analyze/lineage.ts'
import { pathTexts, ROOT } from './analyze/path.ts'
import { keyPaths } from './analyze/target.ts'
import { UNKNOWN } from './analyze/type.ts'
import { typeText } from './analyze/type-text.ts'
import { data, source as from, isOpen } from './analyze/value.ts'
import { isCallOf, type Node, nodeSpan, nodes } from './ast.ts'
import type { Refused } from './engine/index.ts'
import { type BackEnd, compileExpression, type Expression } from './expression.ts'
import { microsOf } from './micros-of.ts'
import { Misfit, Rejected } from './misfit.ts'
import { isParsed, parseText } from './parse.ts'
import { plainJson, withoutNulls } from './plain.ts'
import { idPrefix } from './reference.ts'
import { reporter } from './report.ts'
import { keyFields, rowKey } from './row-key.ts'
import { newRuntime, type Runtime, startBatch, startRow } from './runtime.ts'

/** An expression outside any column, ready to be tried on rows of its dataset or on a JSON value of its own. */
export interface Tried {
  problems: Problem[]
  /** Absent where `problems` holds an error. */
  expression?: TriedExpression
  /** As `Mapper.lookups`. */
  lookups: Record<string, string[]>
  /** On one row of a batch, as the mapping would see it. Takes one at a time. */
  onRow(batch: Batch, columns: Column[], row: number): Promise<EvalRow>
  /** On a value that is no row; undefined: there is no input. */
  onValue(value: Json | undefined): Promise<EvalRow>
}

/** What the expression is tried on: a row of the mapping's dataset, or any JSON value. */
export type TriedOn = 'row' | 'value'

/** Compiles an expression as the mapping of a dataset would, and tells what is known of it before any row. */
export function tryExpression(source: SourceText, mapping: MappingInput, on: TriedOn): Tried {
  const { pipeline, name } = mapping.dataset
  const runtime = newRuntime(idPrefix(pipeline, name))
  const problems: Problem[] = pipeline === '' ? leadsNowhere(source) : []
  const refused: Refused[] = []
  const compiled =
    problems.length === 0 &&
    compileExpression({
      source,
      mapping,
      runtime,
      start: on === 'row' ? 'row' : 'item',
      surroundings: surroundingsOf(mapping, on),
      scale: 4,
      problems,
      onRefused: (it) => refused.push(it),
    })
  if (!compiled) return { problems, lookups: {}, onRow: notReady, onValue: notReady }
  const needsKey = callsOf(source, ['self']).length > 0
  return {
    problems,
    expression: told(compiled, refused[0], mapping.dataset.with ?? []),
    lookups: fieldsOfLookups(dataPaths(compiled.value), mapping.dataset.with ?? []),
    onRow: (batch, columns, row) => {
      startBatch(runtime, batch.schema, columns)
      const start = (): void => {
        startRow(runtime, row)
        if (needsKey) runtime.key = rowKey(keyFields(mapping.key, batch.schema, columns), row)
      }
      return evaluated(start, compiled, source)
    },
    onValue: (value) => evaluated(() => startValue(runtime, value), compiled, source),
  }
}

const notReady = (): Promise<never> => Promise.reject(new Error('the expression has errors'))

function startValue(runtime: Runtime, value: Json | undefined): void {
  startRow(runtime, 0)
  runtime.item = withoutNulls(value)
}

function surroundingsOf(mapping: MappingInput, on: TriedOn): Surroundings {
  const row = rowOf(mapping)
  const start = on === 'row' ? row : from(ROOT, UNKNOWN)
  const dataset = mapping.dataset.pipeline === '' ? 'the input' : datasetRef(mapping.dataset)
  return { row, start, key: keyPaths(mapping), dataset, effect: 'the result would be missing' }
}

/** Without a dataset there are no ids to make. */
function leadsNowhere(source: SourceText): Problem[] {
  const report = reporter(source, [])
  for (const it of callsOf(source, ['self', 'ref']))
    report.error(
      'E207',
      it,
      'Ids are made of the rows of a dataset, and this input belongs to none.',
      'Name a dataset of the project: --on <pipeline>.<dataset>',
    )
  return report.problems
}

function callsOf(source: SourceText, names: string[]): Node[] {
  const parsed = parseText(source)
  return isParsed(parsed)
    ? [...nodes(parsed.ast)].filter((it) => names.some((name) => isCallOf(it, name)))
    : []
}

function told(
  { value, backEnd }: Expression,
  refused: Refused | undefined,
  lookups: WithSpec[],
): TriedExpression {
  const shown = data(value)
  return {
    type: typeText(value.type),
    data: pathTexts(shown),
    control: pathTexts(controlOf(value, lookups), shown.size > 0 ? shown : undefined),
    open: isOpen(value),
    road: roadOf(backEnd(), refused),
  }
}

/** A field, a constant or a key needs no engine, whatever the others would make of it. */
function roadOf(backEnd: BackEnd, refused: Refused | undefined): TriedExpression['road'] {
  if (backEnd === 'interpreter') return { runs: 'interpreter', because: refused!.reason }
  return { runs: 'compiled', backEnd }
}

async function evaluated(start: () => void, { run }: Expression, source: SourceText): Promise<EvalRow> {
  const once = (): unknown => {
    start()
    return run()
  }
  try {
    const value = plainJson(await once())
    if (value instanceof Misfit) throw value
    const micros = await microsOf(once)
    return value === null ? { micros } : { value, micros }
  } catch (cause) {
    const misfit = cause instanceof Rejected ? cause.misfit : cause
    if (!(misfit instanceof Misfit)) throw cause
    return { problem: problemOf(misfit, source) }
  }
}

function problemOf({ code, reason, at }: Misfit, source: SourceText): Problem {
  const isSentence = /^the expression |^key field /.test(reason)
  const text = isSentence ? reason.charAt(0).toUpperCase() + reason.slice(1) : `The value ${reason}`
  const { from, to } = spanOf(source.text, at)
  return {
    code,
    severity: 'error',
    at: source.place(from, to),
    problem: text.endsWith('?') ? text : `${text}.`,
  }
}

/** JSONata tells the character behind the token that it stood at. */
function spanOf(text: string, at: number | undefined): { from: number; to: number } {
  if (at === undefined) return { from: 0, to: text.length }
  const parsed = parseText({ text, place: () => undefined as never })
  const failing = isParsed(parsed) && [...nodes(parsed.ast)].find((it) => it.position === at)
  return failing ? nodeSpan(failing, text) : { from: Math.max(0, at - 1), to: at }
}
