import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/json.ts'
import type { MappingInput } from '../core/mapping.ts'
import type { AttributesSpec, ColumnMapping, TargetSpec, WithSpec } from '../core/spec.ts'
import { columnTypeText, type UnifiedTable } from '../core/unified.ts'
import type { Json } from '../core/value.ts'
import { mayBeClose } from './sql/may-be-close.ts'

/** Raised whenever a change of this folder changes what some row becomes. */
const ENGINE = 'jsonata 2.2.2, coercion 1, fields 2'

/** SHA-256 of everything stated that decides what a row becomes; the order of targets and columns does not. */
export function mappingHash(input: MappingInput): string {
  const { dataset, key, cursor } = input
  const description = {
    engine: ENGINE,
    pipeline: dataset.pipeline,
    dataset: dataset.name,
    key,
    cursor: cursor ?? null,
    where: dataset.where?.text ?? null,
    deletes: dataset.deletes?.text ?? null,
    // Only where stated: the hash of every other mapping stays what it was.
    ...(dataset.with?.length && { with: sorted(dataset.with.map(describeLookup)) }),
    // Values can only differ where a form is close; elsewhere the word changes nothing, and no row is read anew for it.
    ...(dataset.doubles === 'close' && mayBeClose(dataset) && { doubles: 'close' }),
    zone: dataset.timezone ?? input.timezone ?? null,
    targets: sorted(dataset.targets.map((it) => describeTarget(it, input.tables))),
  }
  return createHash('sha256').update(canonicalJson(description), 'utf8').digest('hex')
}

const sorted = (list: Json[]): Json[] =>
  list
    .map((it) => ({ it, text: canonicalJson(it) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ it }) => it)

const describeLookup = ({ name, from, on, key, many }: WithSpec): Json => ({
  name,
  from,
  on: on.map((it) => it.name),
  key: key?.map((it) => it.name) ?? null,
  many,
})

function describeTarget(target: TargetSpec, tables: UnifiedTable[]): Json {
  const table = tables.find((it) => it.name === target.table)
  return {
    table: target.table,
    as: target.as ?? null,
    when: target.when?.text ?? null,
    each: target.each?.text ?? null,
    key: target.key?.text ?? null,
    columns: sorted(target.columns.map((it) => describeColumn(it, table))),
    attributes: target.attributes ? describeAttributes(target.attributes) : null,
    // Only where stated: the hash of every other mapping stays what it was.
    ...(target.appendOn && { appendOn: [...target.appendOn.columns].sort() }),
    ...(target.sameAs && { sameAs: target.sameAs.text }),
    required: (table?.columns ?? []).filter((it) => it.required).map((it) => it.name),
  }
}

function describeColumn(
  { column, value, map, default: otherwise, invalid, zone }: ColumnMapping,
  table?: UnifiedTable,
): Json {
  const declared = table?.columns.find((it) => it.name === column)
  return {
    column,
    ...('constant' in value ? { constant: value.constant } : { expression: value.expression.text }),
    map: map ?? null,
    hasDefault: otherwise !== undefined,
    default: otherwise ?? null,
    invalid,
    zone: zone ?? null,
    type: declared ? columnTypeText(declared.type) : null,
    values: declared?.values ?? null,
    references: declared?.references ?? null,
  }
}

const describeAttributes = (attributes: AttributesSpec): Json =>
  attributes.all ? '*' : sorted(attributes.entries.map(({ name, value }) => ({ name, value: value.text })))
