import { type Batch, Op } from '../../core/batch.ts'
import type { Connector, DatasetRequest, SourceReader } from '../../core/connector.ts'
import type { DatasetFacts, Field } from '../../core/field.ts'
import { versionText } from '../../core/mark.ts'
import type { Row, Value } from '../../core/value.ts'

const NO_TIME = '2000-01-01T00:00:00.000000Z'

/** The rows of one step of a test and the shapes that discovery remembers, by `pipeline.dataset`. */
export interface TestRows {
  rows: Map<string, Row[]>
  /** Those of the step before. */
  earlier: Map<string, Row[]>
  facts: Map<string, DatasetFacts>
}

/**
 * A source whose rows are those of a test's `given`. Types come from the last discovery of the real source where
 * there was one; else a field is what its value looks like.
 */
export function memoryConnector(name: string, data: TestRows): Connector {
  const reader: SourceReader = {
    test: async () => 'the rows of a test',
    datasets: async () => [],
    describe: async (dataset) => factsOf(data, dataset),
    async split(dataset) {
      const facts = factsOf(data, dataset)
      const field = facts.schema.fields.find((it) => it.name === dataset.cursor)
      const marks = (data.rows.get(dataset.ref) ?? []).map((row) => row[dataset.cursor ?? ''] ?? null)
      const highWater = field && newest(marks, field)
      const position = { kind: 'keyset' as const, mark: null, key: [], inclusive: false }
      return { highWater: { v: 1, position, highWater, readStartedAt: NO_TIME }, ranges: [{ id: '0' }] }
    },
    async *read(dataset, range) {
      const facts = factsOf(data, dataset)
      const rows = data.rows.get(dataset.ref) ?? []
      const from = range.from?.kind === 'keyset' ? range.from.mark : null
      const changed = from === null ? rows : rows.filter((row) => isSince(row, dataset.cursor, from, facts))
      if (changed.length > 0) yield batchOf(changed, facts, dataset.cursor)
      const gone = dataset.deletes === 'source' && from !== null ? goneRows(data, dataset, facts) : []
      if (gone.length > 0)
        yield { ...batchOf(gone, facts, undefined), seq: 1, ops: new Uint8Array(gone.length).fill(Op.delete) }
    },
    async *keys(dataset) {
      const rows = data.rows.get(dataset.ref) ?? []
      if (rows.length > 0) yield batchOf(rows, factsOf(data, dataset), undefined)
    },
    close: async () => {},
  }
  return { name, title: 'Rows of a test', options: {}, local: true, open: () => reader }
}

/** Rows of the step before whose key this one does not have. */
function goneRows(data: TestRows, { ref, key }: DatasetRequest, facts: DatasetFacts): Row[] {
  const keyOf = (row: Row) => JSON.stringify((key ?? facts.key).map((name) => row[name] ?? null))
  const here = new Set((data.rows.get(ref) ?? []).map(keyOf))
  return (data.earlier.get(ref) ?? []).filter((row) => !here.has(keyOf(row)))
}

function isSince(row: Row, cursor: string | undefined, from: string, facts: DatasetFacts): boolean {
  const type = facts.schema.fields.find((it) => it.name === cursor)?.type ?? 'text'
  const version = versionText(row[cursor ?? ''], type)
  return version !== null && version >= versionText(from, type)!
}

function newest(marks: Value[], field: Field): string | undefined {
  const known = marks.filter((it) => it !== null)
  const order = (it: Value) => versionText(it, field.type) ?? ''
  const [last] = known.sort((a, b) => (order(a) < order(b) ? 1 : -1))
  return last === undefined ? undefined : String(last)
}

function batchOf(rows: Row[], facts: DatasetFacts, cursor: string | undefined): Batch {
  const { fields } = facts.schema
  return {
    schema: facts.schema,
    rows: rows.length,
    bytes: 0,
    range: '0',
    seq: 0,
    mark: cursor === undefined ? undefined : rows.map((row) => row[cursor] ?? null),
    payload: { form: 'columns', columns: fields.map(({ name }) => rows.map((row) => row[name] ?? null)) },
    checkpoint: {
      v: 1,
      position: { kind: 'file', data: rows.length },
      readStartedAt: NO_TIME,
    },
  }
}

function factsOf(data: TestRows, { ref, from, key }: DatasetRequest): DatasetFacts {
  const known = data.facts.get(ref)
  const rows = data.rows.get(ref) ?? []
  const names = new Set([
    ...(known?.schema.fields.map((it) => it.name) ?? []),
    ...rows.flatMap((row) => Object.keys(row)),
  ])
  const fields = [...names].map(
    (name) => known?.schema.fields.find((it) => it.name === name) ?? fieldOf(name, rows),
  )
  return {
    from,
    schema: { fields, open: known === undefined || known.schema.open },
    key: known?.key ?? key ?? [],
    keyProven: false,
    tellsDeletes: known === undefined || known.tellsDeletes,
    kind: 'table',
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

function fieldOf(name: string, rows: Row[]): Field {
  const types = new Set(rows.flatMap((row) => (row[name] == null ? [] : [typeOf(row[name])])))
  return { name, type: types.size === 1 ? [...types][0]! : 'unknown', sourceType: 'test', nullable: true }
}

function typeOf(value: Value): Field['type'] {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'object') return 'json'
  return INSTANT.test(value) ? 'timestamp' : 'text'
}
