import type { ErrorCode } from '../core/errors.ts'
import { shorten } from '../core/row-id.ts'
import type { CompileInput } from './compiled.ts'
import { rewriteDecimals } from './decimal.ts'
import { exactOperations } from './decimal-math.ts'
import { ownFunctions } from './functions.ts'
import { Misfit } from './misfit.ts'
import { guardedSort, guardOrdering, ORDERED, refuseLong } from './ordering.ts'
import { type Parsed, parse } from './parse.ts'
import { REF, type Reference, referredId, SELF } from './reference.ts'
import { type ReferenceInput, rewriteReferences } from './reference-check.ts'
import type { Reporter } from './report.ts'

/** What Polder's functions need to know of the row in hand, and tell of it. */
export interface RowContext {
  /** What `$self` begins with. */
  self(): string
  /** Numbers of the row that a double does not carry. */
  longs: ReadonlySet<string>
  /** Counts a change of the value in hand. */
  changed(code: ErrorCode): void
}

export interface PrepareInput {
  mapping: ReferenceInput
  row: RowContext
  /** Of values that carry none. */
  zone?: string
  /** Fraction digits of `$decimal`. */
  scale: number
  report: Reporter
}

/** An expression with Polder's functions in its tree, for the interpreter and to be compiled. */
export interface Prepared extends Parsed {
  functions: CompileInput['functions']
  guards?: CompileInput['guards']
}

/** Puts Polder's functions into a tree, which is changed by that. */
export function prepare({ expression, ast }: Parsed, input: PrepareInput): Prepared {
  const { mapping, row, report, scale, zone } = input
  rewriteDecimals(ast, report, scale)
  const references: Reference[] = rewriteReferences(ast, mapping, report)
  const functions: Prepared['functions'] = {
    ...exactOperations,
    ...ownFunctions({ ...(zone === undefined ? {} : { zone }), changed: row.changed }),
    [REF]: (at: number, ...keys: unknown[]) => referredId(references[at]!, keys),
    [SELF]: (suffix: string) => shorten(row.self() + suffix),
    [ORDERED]: (value: unknown) => refuseLong(value, row.longs),
    eval: refuseEval,
  }
  for (const [name, operation] of Object.entries(functions)) expression.assign(name, operation)
  return { expression, ast, functions }
}

/** A second tree for rows that hold long numbers: it refuses to order them. */
export function prepareGuarded(text: string, input: PrepareInput): Prepared {
  const parsed = parse(text)
  const prepared = prepare(parsed, input)
  guardOrdering(parsed.ast)
  parsed.expression.assign('sort', guardedSort(input.row.longs))
  return { ...prepared, guards: { sort: (list) => refuseLong(list, input.row.longs) } }
}

/** The check refuses `$eval` by its name; this is for any other way to it. */
function refuseEval(): never {
  throw new Misfit('E503', 'the expression failed: $eval is switched off')
}
