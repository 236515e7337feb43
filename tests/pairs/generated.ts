import fc from 'fast-check'
import { type UnifiedTable, withSystemColumns } from '../../core/unified.ts'
import { compileMapping } from '../../transforms/index.ts'
import { mappingOf } from '../sql-forms/compare.ts'
import { expressions } from '../sql-forms/grammar.ts'
import { COLUMNS, type TestColumn } from '../sql-forms/pools.ts'
import { CONNECTION, type Pair } from './pairs.ts'
import type { Suite, Words } from './roads.ts'

/** Fewer than from which on many rejects stop a run. */
const ROWS = 90

/** Columns of the table that the mappings fill, with the kind of expressions that they take. */
const FILLED = {
  c_text: { kind: 'text', says: 'text' },
  c_integer: { kind: 'integer', says: 'number' },
  c_decimal: { kind: 'decimal', precision: 18, scale: 4, says: 'number' },
  c_boolean: { kind: 'boolean', says: 'boolean' },
  c_timestamp: { kind: 'timestamp', says: 'time' },
  c_json: { kind: 'json', says: 'json' },
} as const

const OUT: UnifiedTable = {
  name: 'out',
  description: '',
  history: 'current',
  columns: withSystemColumns(
    Object.entries(FILLED).map(([name, { says: _, ...type }]) => ({ name, type, description: '' })),
  ),
}

const typeText = (type: (typeof FILLED)[keyof typeof FILLED]): string =>
  type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : type.kind

const OUT_FILE = `table: out
description: What generated mappings make
columns:
${Object.entries(FILLED)
  .map(([name, type]) => `  ${name}:\n    type: ${typeText(type)}\n    description: Generated\n`)
  .join('')}`

interface Mapping {
  /** By column. */
  values: Record<string, string>
  when?: string | undefined
  where?: string | undefined
}

/** Every engine has a form of it. */
const PLAIN: Mapping = { values: { c_integer: '$number(id)' } }

/** They would point to datasets that are not there. */
const isAlone = (expression: string): boolean => !/\$ref|\$self/.test(expression)

/** Of few columns: each of them must have a form in SQL for the mapping to have one. */
const values: fc.Arbitrary<Mapping['values']> = fc
  .subarray(Object.entries(FILLED), { minLength: 1, maxLength: 2 })
  .chain((them) =>
    fc.tuple(
      ...them.map(([name, { says }]) => fc.tuple(fc.constant(name), expressions[says].filter(isAlone))),
    ),
  )
  .map((them) => Object.fromEntries(them))

const condition = fc.option(expressions.boolean.filter(isAlone), { nil: undefined, freq: 1 })
const mappings: fc.Arbitrary<Mapping> = fc
  .record({ values, when: condition, where: condition, plain: fc.boolean() })
  .map(({ plain, ...it }) => (plain ? { values: it.values } : it))

/** A table of random types' columns with adversarial values, and mappings of it: the same for every pair, by seed. */
export interface Generated {
  columns: TestColumn[]
  rows: (string | null)[][]
  suite: Suite
}

export function generated(seed: number, runs: number, from: string, pair: Pair): Generated {
  const { types } = pair
  const all = COLUMNS.slice(1).filter((it) => types === undefined || types.includes(it.type))
  const random = fc.sample(fc.subarray(all, { minLength: Math.min(5, all.length) }), { numRuns: 1, seed })[0]!
  const columns = [COLUMNS[0]!, ...random].map((it) => ({ ...it, ...otherwise(it, pair) }))
  const cells = columns.map(({ pool }) => fc.constantFrom(...pool))
  const rows = (fc.sample(fc.tuple(...cells), { numRuns: ROWS, seed }) as (string | null)[][]).map(
    (row, i) => [String(i + 1), ...row.slice(1)],
  )
  const some = fc.sample(mappings, { numRuns: 20 * runs, seed }).filter((it) => isSound(it, columns))
  return { columns, rows, suite: suiteOf([PLAIN, ...some.slice(0, runs)], from) }
}

function otherwise({ mysql }: TestColumn, { files, narrow }: Pair): Partial<TestColumn> {
  if (files === 'csv') return { type: 'text', duckdb: 'VARCHAR' }
  return narrow && mysql === 'text' ? { mysql: 'varchar(300)' } : {}
}

/** A fault that is found before anything is read would stop the pipeline. */
function isSound({ values, when, where }: Mapping, columns: TestColumn[]): boolean {
  const said = [...Object.entries(values), ['c_boolean', when] as const, ['c_boolean', where] as const]
  return said.every(([name, expression]) => {
    if (expression === undefined) return true
    const mapping = mappingOf({ expression, column: name.slice('c_'.length) }, columns)
    return !compileMapping(mapping).problems.some(({ severity }) => severity === 'error')
  })
}

function suiteOf(some: Mapping[], from: string): Suite {
  const name = (i: number) => `m${i}`
  const said = (it: Mapping): string =>
    [
      ...(it.where === undefined ? [] : [`    where: ${JSON.stringify(it.where)}`]),
      '    to:',
      '      out:',
      '        - as: one',
      ...(it.when === undefined ? [] : [`          when: ${JSON.stringify(it.when)}`]),
      ...Object.entries(it.values).map(([column, value]) => `          ${column}: ${JSON.stringify(value)}`),
      '        - as: two',
      '          when: $number(id) > 40',
      '          c_integer: id',
    ].join('\n')
  const pipeline = ({ load, contract }: Words): string =>
    [
      `pipeline: pairs\nconnection: ${CONNECTION}\ncontract: ${contract}\ndatasets:`,
      ...some.map(
        (it, i) =>
          `  ${name(i)}:\n    from: ${from}\n    key: id\n    load: ${load[`pairs.${name(i)}`]}\n${said(it)}`,
      ),
    ].join('\n')
  return {
    datasets: some.map((_, i) => `pairs.${name(i)}`),
    again: true,
    tables: [OUT],
    files: (words) => ({ 'schema/out.yaml': OUT_FILE, 'pipelines/pairs.yaml': `${pipeline(words)}\n` }),
    says: (dataset) => said(some[Number(dataset.slice('pairs.m'.length))]!),
  }
}
