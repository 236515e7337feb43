import type { ErrorCode, Problem } from '../core/errors.ts'
import type { ColumnMapping } from '../core/spec.ts'
import { columnTypeText, type UnifiedColumn } from '../core/unified.ts'
import type { Json } from '../core/value.ts'
import { coerceColumn, type Scalar } from './coerce.ts'
import { scalarText } from './coerce-text.ts'
import type { Expression } from './expression.ts'
import { Changed, Misfit } from './misfit.ts'
import type { Runtime } from './runtime.ts'

/** A column of a target row, ready to be filled. */
export interface CompiledColumn {
  column: UnifiedColumn
  /** Where in the part's columns. */
  at: number
  /** Gives the raw value, undefined where missing; a promise only where the interpreter is needed. */
  run(): unknown
  /** Fits the raw value, which is not missing, into the column. */
  fit(value: unknown): Scalar | null | Misfit | Changed<Scalar>
  /** Instead of a missing value. */
  whenMissing: Scalar | null
  invalid: 'reject' | 'missing'
}

const NO_MATCH = new Misfit('E517', 'is not in the map of this column, and there is no default')

export interface FitInput {
  mapping: Pick<ColumnMapping, 'map' | 'default' | 'at'>
  column: UnifiedColumn
  zone: string | undefined
  runtime: Runtime
  expression: Expression
  problems: Problem[]
}

/** How the raw values of an expression become values of its column. */
export function fitOf(input: FitInput): Pick<CompiledColumn, 'fit' | 'whenMissing'> {
  const { mapping, column, zone, problems } = input
  const fixed = (value: Json) => fixedValue(value, column, zone, mapping.at, problems)
  const hasDefault = mapping.default !== undefined
  const whenMissing = hasDefault ? fixed(mapping.default!) : null
  if (mapping.map === undefined) return { fit: coercion(input), whenMissing }
  const values = new Map(Object.entries(mapping.map).map(([text, value]) => [text, fixed(value)]))
  const unmatched = hasDefault ? whenMissing : NO_MATCH
  const fit = (value: unknown) => {
    const text = scalarText(value)
    if (text instanceof Misfit) return text
    const found = values.get(text)
    return found === undefined ? unmatched : found
  }
  return { fit, whenMissing }
}

function coercion({ column, zone, runtime, expression }: FitInput): CompiledColumn['fit'] {
  const { slot, fromSource } = expression
  const computed = { zone, rounds: true }
  const exact = { zone, rounds: false }
  // A double of the source is as inexact as a computed one.
  if (slot !== undefined)
    return (value) => coerceColumn(value, column, runtime.types[slot] === 'float' ? computed : exact)
  return (value) => coerceColumn(value, column, fromSource ? exact : computed)
}

/** A value that the mapping itself states: a constant, an entry of `map`, a `default`. */
export function fixedValue(
  value: Json,
  column: UnifiedColumn,
  zone: string | undefined,
  at: ColumnMapping['at'],
  problems: Problem[],
): Scalar | null {
  if (value === null) return null
  const coerced = coerceColumn(value, column, { zone })
  if (!(coerced instanceof Misfit)) return coerced instanceof Changed ? coerced.value : coerced
  problems.push({
    code: 'E216',
    severity: 'error',
    at,
    problem: `${JSON.stringify(value)} does not fit column "${column.name}" (${columnTypeText(column.type)}): it ${coerced.reason}.`,
    remedy: column.values && `Allowed: ${column.values.join(', ')}`,
  })
  return null
}

/** Changes of one source row, counted once it is known to load. */
export interface PendingChange {
  table: string
  column: string
  code: ErrorCode
}
