import type { Batch, BrokenRow, Column } from '../../core/batch.ts'
import type { DatasetFacts, Field, FieldType } from '../../core/field.ts'
import type { Compiled, MappedBatch, MappingInput, RefTarget } from '../../core/mapping.ts'
import { looseText } from '../../core/place.ts'
import type { AttributesSpec, ColumnMapping, DatasetSpec, TargetSpec, WithSpec } from '../../core/spec.ts'
import {
  type ColumnType,
  type UnifiedColumn,
  type UnifiedTable,
  withSystemColumns,
} from '../../core/unified.ts'
import type { Json, Row, Value } from '../../core/value.ts'
import { compileMapping } from '../compile.ts'

/** Small mappings for tests, written as the YAML has them. */

const AT = looseText('').place()

type ColumnShort = string | number | boolean | ColumnLong
interface ColumnLong {
  is?: string | number | boolean
  from?: string
  map?: Record<string, Json>
  default?: Json
  invalid?: 'missing'
  zone?: string
}
export interface TargetShort {
  as?: string
  when?: string
  each?: string
  key?: string
  attributes?: '*' | Record<string, string>
  append_on?: string[]
  same_as?: string
  [column: string]: ColumnShort | Record<string, string> | string[] | undefined
}

export interface Short {
  fields?: Record<string, FieldType | { type: FieldType; nullable: boolean }>
  key?: string[]
  cursor?: string
  where?: string
  deletes?: string
  timezone?: string
  tables?: UnifiedTable[]
  to: Record<string, TargetShort | TargetShort[]>
  targets?: Record<string, RefTarget>
  /** Look-ups by name: the field that leads to them, and the fields of their table. */
  with?: Record<string, { on: string; fields?: Short['fields']; many?: true }>
  /** Compile without knowing the source. */
  unknownSource?: boolean
}

const WORDS = ['as', 'when', 'each', 'key', 'attributes', 'append_on', 'same_as']

function dataset(short: Short): DatasetSpec {
  const targets = Object.entries(short.to).flatMap(([table, it]) =>
    [it].flat().map((target): TargetSpec => {
      const text = (name: 'when' | 'each' | 'key') =>
        target[name] === undefined ? undefined : looseText(target[name]!)
      return {
        table,
        as: target.as,
        when: text('when'),
        each: text('each'),
        key: text('key'),
        columns: Object.keys(target)
          .filter((name) => !WORDS.includes(name))
          .map((name) => column(name, target[name] as ColumnShort)),
        attributes: target.attributes && attributes(target.attributes),
        appendOn: target.append_on && { columns: target.append_on, at: AT, markIsTime: true },
        sameAs: target.same_as === undefined ? undefined : looseText(target.same_as),
        at: AT,
      }
    }),
  )
  return {
    pipeline: 'shop',
    name: 'customers',
    connection: 'db',
    from: 'public.customers',
    fromAt: AT,
    load: 'auto',
    where: short.where === undefined ? undefined : looseText(short.where),
    deletes: short.deletes === undefined ? undefined : looseText(short.deletes),
    timezone: short.timezone,
    targets,
    ...(short.with && { with: Object.entries(short.with).map(lookup) }),
    at: AT,
  }
}

const lookup = ([name, { on, many }]: [string, { on: string; many?: true }]): WithSpec => {
  const from = `public.${name}`
  return { name, from, on: [{ name: on, at: AT }], many: many ?? false, at: AT, fromAt: AT }
}

function column(name: string, short: ColumnShort): ColumnMapping {
  const long: ColumnLong =
    typeof short === 'object' ? short : typeof short === 'string' ? { from: short } : { is: short }
  return {
    column: name,
    at: AT,
    value: long.is === undefined ? { expression: looseText(long.from!) } : { constant: long.is },
    map: long.map,
    default: long.default,
    invalid: long.invalid ?? 'reject',
    zone: long.zone,
  }
}

const attributes = (short: '*' | Record<string, string>): AttributesSpec =>
  short === '*'
    ? { all: true, at: AT }
    : {
        all: false,
        entries: Object.entries(short).map(([name, text]) => ({ name, value: looseText(text) })),
        at: AT,
      }

const fieldsOf = (fields: NonNullable<Short['fields']>): Field[] =>
  Object.entries(fields).map(([name, it]) =>
    typeof it === 'string'
      ? { name, type: it, sourceType: it, nullable: true }
      : { name, sourceType: it.type, ...it },
  )

export function mappingInput(short: Short): MappingInput {
  const fields = fieldsOf(short.fields ?? {})
  const facts: DatasetFacts = {
    from: 'public.customers',
    schema: { fields },
    key: short.key ?? ['id'],
    keyProven: true,
    kind: 'table',
  }
  const lookedUp = Object.entries(short.with ?? {}).flatMap(([name, it]): [string, DatasetFacts][] =>
    it.fields ? [[name, { ...facts, from: name, schema: { fields: fieldsOf(it.fields) } }]] : [],
  )
  return {
    dataset: dataset(short),
    lookedUp: new Map(lookedUp),
    facts: short.unknownSource || !short.fields ? undefined : facts,
    key: short.key ?? ['id'],
    cursor: short.cursor,
    tables: short.tables ?? TABLES,
    timezone: undefined,
    target: (ref) => short.targets?.[ref],
    datasets: Object.keys(short.targets ?? {}),
  }
}

export const compiled = (short: Short): Compiled => compileMapping(mappingInput(short))

/** The problems of a mapping, as `E204 Dataset …`. */
export const problemsOf = (short: Short): string[] =>
  compiled(short).problems.map((it) => `${it.code} ${it.problem}`)

export interface Given {
  ops?: number[]
  mark?: Value[]
  broken?: BrokenRow[]
}

/** Compiles, and maps the rows as one batch. */
export async function mapRows(short: Short, rows: Row[], given: Given = {}): Promise<MappedBatch> {
  const { mapper, problems } = compiled(short)
  if (!mapper) throw new Error(problems.map((it) => `${it.code} ${it.problem}`).join('\n'))
  const batch = batchOf(short, rows, given)
  return mapper.map(batch, columnsOf(batch))
}

export const columnsOf = ({ payload }: Batch): Column[] => (payload.form === 'columns' ? payload.columns : [])

export function batchOf(short: Short, rows: Row[], given: Given = {}): Batch {
  const names = [...new Set(rows.flatMap((it) => Object.keys(it)))]
  const unknown = Object.fromEntries(names.map((it): [string, FieldType] => [it, 'unknown']))
  const fields = fieldsOf(short.fields ?? unknown)
  const columns = fields.map(({ name }) => rows.map((row) => (Object.hasOwn(row, name) ? row[name]! : null)))
  return {
    schema: { fields },
    rows: rows.length,
    bytes: 0,
    range: 'all',
    seq: 0,
    ops: given.ops && Uint8Array.from(given.ops),
    mark: given.mark,
    broken: given.broken,
    payload: { form: 'columns', columns },
  }
}

/** The rows of a table as objects, NULLs left out. */
export function rowsOf(mapped: MappedBatch, table: string): Row[] {
  const part = mapped.parts.find((it) => it.table === table)!
  return Array.from({ length: part.rows }, (_, row) => {
    const values = part.names.map((name, at): [string, Value] => [name, part.columns[at]![row]!])
    return Object.fromEntries(values.filter(([, value]) => value !== null))
  })
}

export const own = (name: string, type: ColumnType, rest: Partial<UnifiedColumn> = {}): UnifiedColumn => ({
  name,
  type,
  description: name,
  ...rest,
})

export const table = (
  name: string,
  columns: UnifiedColumn[],
  history: UnifiedTable['history'] = 'current',
): UnifiedTable => ({
  name,
  description: name,
  history,
  columns: withSystemColumns(columns),
})

const text: ColumnType = { kind: 'text' }
const id: ColumnType = { kind: 'id' }
const money: ColumnType = { kind: 'decimal', precision: 18, scale: 4 }

export const TABLES: UnifiedTable[] = [
  table('party', [
    own('kind', text, { values: ['person', 'organisation'] }),
    own('given_name', text),
    own('full_name', text),
    own('birth_date', { kind: 'date' }),
    own('status', text, { values: ['prospect', 'lead', 'customer', 'former'] }),
    own('employees', { kind: 'integer' }),
    own('registered_at', { kind: 'timestamp' }),
    own('code', { kind: 'text', length: 3 }),
  ]),
  table('identifier', [
    own('party_id', id, { references: 'party', required: true }),
    own('type', text, { required: true }),
    own('value', text, { required: true }),
    own('parts', { kind: 'json' }),
    own('reachable', { kind: 'boolean' }),
  ]),
  table('sales_order', [
    own('party_id', id, { references: 'party' }),
    own('number', text),
    own('ordered_at', { kind: 'timestamp' }),
    own('net', money),
    own('score', { kind: 'double' }),
  ]),
  table('order_line', [
    own('order_id', id, { references: 'sales_order' }),
    own('line_no', { kind: 'integer' }),
    own('sku', text),
    own('quantity', money),
    own('net', money),
  ]),
  table('relationship', [
    own('from_id', id, { references: 'party', required: true }),
    own('to_id', id, { references: 'party', required: true }),
    own('type', text, { required: true }),
  ]),
  table(
    'consent_event',
    [
      own('party_id', id, { references: 'party' }),
      own('channel', text),
      own('status', text, { required: true, values: ['granted', 'denied'] }),
      own('occurred_at', { kind: 'timestamp' }),
    ],
    'append',
  ),
]
