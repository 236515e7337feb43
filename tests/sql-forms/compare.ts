import type { Verdict } from '../../core/expr.ts'
import { Fate, type MappingInput } from '../../core/mapping.ts'
import { looseText } from '../../core/place.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import { type ColumnType, type UnifiedTable, withSystemColumns } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import { compileMapping } from '../../transforms/compile.ts'
import { sayMapping } from '../../transforms/sql/say-mapping.ts'
import { canonicalValue } from '../../warehouses/canonical.ts'
import { fieldsOf, type TestEngine } from './engines.ts'
import type { TestColumn } from './pools.ts'

/** One column of one mapping. */
export interface Case {
  expression: string
  column: string
}

const AT = looseText('').place()
const TYPES: Record<string, ColumnType & { values?: string[] }> = {
  text: { kind: 'text' },
  short: { kind: 'text', length: 3 },
  id: { kind: 'id' },
  integer: { kind: 'integer' },
  decimal: { kind: 'decimal', precision: 18, scale: 4 },
  cents: { kind: 'decimal', precision: 9, scale: 2 },
  double: { kind: 'double' },
  boolean: { kind: 'boolean' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp' },
  json: { kind: 'json' },
}
export const COLUMN_NAMES = Object.keys(TYPES)

const table: UnifiedTable = {
  name: 'out',
  description: '',
  history: 'current',
  columns: withSystemColumns(
    Object.entries(TYPES).map(([name, type]) => ({ name: `c_${name}`, type, description: '' })),
  ),
}

export function mappingOf({ expression, column }: Case, columns: TestColumn[]): MappingInput {
  const one = (as: string, from: string): DatasetSpec['targets'][number] => ({
    table: 'out',
    as,
    columns: [{ column: `c_${column}`, at: AT, value: { expression: looseText(from) }, invalid: 'reject' }],
    at: AT,
  })
  const fields = fieldsOf(columns)
  return {
    dataset: {
      pipeline: 'sh:op',
      name: 'customers',
      connection: 'db',
      from: 'src',
      fromAt: AT,
      load: 'auto',
      targets: [one('one', expression)],
      at: AT,
    },
    facts: { from: 'src', schema: { fields }, key: ['id'], keyProven: false, kind: 'table' },
    key: ['id'],
    tables: [table],
    timezone: 'UTC',
    target: (ref) =>
      ref.endsWith('customers')
        ? { keyTypes: ['integer'], as: ['one'] }
        : { keyTypes: ['text', 'decimal'], as: [] },
    datasets: ['sh:op.customers', 'sh:op.orders'],
  }
}

/** What JavaScript makes of each row: the value, or why the row is rejected. */
export type Outcome = { value: Value } | { rejected: string }

/** @returns undefined where the expression does not compile */
export async function inJavaScript(
  it: Case,
  columns: TestColumn[],
  data: Value[][],
): Promise<Outcome[] | undefined> {
  const { mapper } = compileMapping(mappingOf(it, columns))
  if (!mapper) return undefined
  const rows = data[0]!.length
  const batch = {
    schema: { fields: fieldsOf(columns) },
    rows,
    bytes: 0,
    range: 'all',
    seq: 0,
    payload: { form: 'columns' as const, columns: data },
  }
  const mapped = await mapper.map(batch, data)
  await mapper.close()
  const outcomes: Outcome[] = Array.from({ length: rows }, () => ({ rejected: '' }))
  for (const { sourceRow, code, reason } of mapped.rejects)
    outcomes[sourceRow] = { rejected: `${code} ${reason}` }
  const [part] = mapped.parts
  const at = part!.names.indexOf(`c_${it.column}`)
  for (let i = 0; i < part!.rows; i++) outcomes[part!.sourceRow[i]!] = { value: part!.columns[at]![i]! }
  if (mapped.fates.some((fate, i) => fate !== Fate.load && 'value' in outcomes[i]!)) throw new Error('fates')
  return outcomes
}

export interface Said {
  verdict: Verdict
  /** Absent where it is not said, or not printed. */
  guard?: string
  value?: string
  sessionIndependent?: boolean
  because: string
}

export function said(it: Case, columns: TestColumn[], engine: TestEngine): Said {
  const mapping = sayMapping({ mapping: mappingOf(it, columns), columns: engine.facts })
  const verdict = mapping.targets[0]!.columns[0]!.said
  if (verdict.verdict === 'not') return { verdict, because: verdict.because }
  const value = engine.print(verdict.expr)
  const guard =
    verdict.verdict === 'exact' ? { sql: '1=1', sessionIndependent: true } : engine.print(verdict.guard)
  if ('not' in value || 'not' in guard) return { verdict, because: 'not printed' }
  const sessionIndependent = value.sessionIndependent && guard.sessionIndependent
  return { verdict, guard: guard.sql, value: value.sql, sessionIndependent, because: verdict.because }
}

/** Runs one statement for all of them. Per case: per row, the guard and the value. */
export async function inSql(
  cases: { it: Case; said: Said }[],
  engine: TestEngine,
): Promise<{ holds: boolean; value: Value }[][]> {
  const rows = await engine.connection.query(`${selectOf(cases, engine)} order by rn`)
  return answersOf(cases, rows)
}

/** The same in a session with settings that somebody may have; the values are read after they are taken back. */
export async function inHostileSession(
  cases: { it: Case; said: Said }[],
  engine: TestEngine,
): Promise<{ holds: boolean; value: Value }[][]> {
  const { connection, hostile, calm } = engine
  for (const it of hostile) await connection.run(it)
  try {
    await connection.run(`create temporary table hostile as ${selectOf(cases, engine, false)}`)
  } finally {
    for (const it of calm) await connection.run(it)
  }
  const doubles = cases.flatMap(({ it }, i) =>
    it.column === 'double' ? [`, cast(v${i} as char) as v${i}`] : [],
  )
  const read =
    engine.name === 'mysql' ? `select hostile.*${doubles.join('')} from hostile` : 'select * from hostile'
  const rows = await connection.query(`${read} order by rn`)
  await connection.run('drop table hostile')
  return answersOf(cases, rows)
}

function selectOf(cases: { it: Case; said: Said }[], { dialect, name }: TestEngine, asText = true): string {
  const parts = cases.flatMap(({ it, said: { guard, value } }, i) => {
    const type = TYPES[it.column]!
    const cast = dialect.cast(type, value!)
    // The text protocol loses the last digit of doubles.
    const shown = asText && name === 'mysql' && type.kind === 'double' ? `cast(${value} as char)` : cast
    return [`case when ${guard} then 1 else 0 end as g${i}`, `${shown} as v${i}`]
  })
  return `select rn, ${parts.join(', ')} from src`
}

const answersOf = (
  cases: { it: Case }[],
  rows: Record<string, Value>[],
): { holds: boolean; value: Value }[][] =>
  cases.map(({ it }, i) =>
    rows.map((row) => ({
      holds: Number(row[`g${i}`]) === 1,
      value: canonicalValue(row[`v${i}`]!, TYPES[it.column]!),
    })),
  )

/** Where SQL does not say what JavaScript says; empty where it does. */
export function differences(outcomes: Outcome[], answers: { holds: boolean; value: Value }[]): string[] {
  return outcomes.flatMap((outcome, row) => {
    const { holds, value } = answers[row]!
    if (!holds) return []
    if ('rejected' in outcome)
      return [`row ${row}: rejected (${outcome.rejected}), SQL ${JSON.stringify(value)}`]
    return same(outcome.value, value)
      ? []
      : [`row ${row}: ${JSON.stringify(outcome.value)}, SQL ${JSON.stringify(value)}`]
  })
}

const same = (a: Value, b: Value): boolean =>
  a === b || (typeof a === 'boolean' && Number(a) === Number(b) && b !== null)
