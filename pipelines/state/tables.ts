import type { Knex } from 'knex'
import type { DdlStep } from '../../core/warehouse.ts'

/** Widths of what is indexed: MySQL's utf8mb4 indexes at most 191 characters everywhere. */
const REF = 191
const NAME = 64
const CODE = 8
const INSTANT = 27

/** Counters in source rows; `read` is the sum of the others (I1). */
const COUNTS = ['read', 'loaded', 'unchanged', 'superseded', 'filtered', 'rejected'] as const

type Shape = (table: Knex.CreateTableBuilder) => void

function counters(table: Knex.CreateTableBuilder): void {
  for (const name of COUNTS) table.bigInteger(`rows_${name}`).notNullable()
}

/**
 * The state tables in the internal schema. Instants are canonical UTC text, JSON is text: the same in every engine,
 * and nothing is rounded on the way.
 */
const TABLES: Record<string, { comment: string; shape: Shape }> = {
  runs: {
    comment: 'One row per call of run',
    shape: (t) => {
      t.string('run_id', NAME).primary()
      t.string('status', NAME).notNullable()
      t.string('started_at', INSTANT).notNullable()
      t.string('ended_at', INSTANT)
      t.string('holder', REF).notNullable()
      t.integer('exit_code')
    },
  },
  run_datasets: {
    comment: 'What became of each dataset of a run; its counters move inside every commit',
    shape: (t) => {
      t.string('run_id', NAME).notNullable()
      t.string('dataset', REF).notNullable()
      t.string('road', NAME).notNullable()
      t.string('mode', NAME).notNullable()
      t.string('status', NAME).notNullable()
      t.string('started_at', INSTANT).notNullable()
      t.string('ended_at', INSTANT)
      counters(t)
      t.bigInteger('deleted').notNullable()
      t.integer('commits').notNullable()
      t.text('tables').notNullable()
      t.text('end_mark')
      t.text('problem')
      t.text('warnings').notNullable()
      t.primary(['run_id', 'dataset'])
    },
  },
  batches: {
    comment: 'One row per commit: source rows by what became of them',
    shape: (t) => {
      t.string('commit_id', REF).primary()
      t.string('run_id', NAME).notNullable()
      t.string('dataset', REF).notNullable()
      t.string('range_id', NAME).notNullable()
      t.integer('seq').notNullable()
      counters(t)
      t.string('committed_at', INSTANT).notNullable()
    },
  },
  checkpoints: {
    comment: 'Up to where each dataset has been committed; moved by compare-and-set on version',
    shape: (t) => {
      t.string('dataset', REF).notNullable()
      t.string('range_id', NAME).notNullable()
      t.bigInteger('version').notNullable()
      t.text('state').notNullable()
      t.string('updated_at', INSTANT).notNullable()
      t.primary(['dataset', 'range_id'])
    },
  },
  source_schemas: {
    comment: 'The columns that each dataset was last read with; its contract compares the source with them',
    shape: (t) => {
      t.string('dataset', REF).primary()
      t.text('origin').notNullable()
      t.text('fields', 'longtext').notNullable()
      t.string('run_id', NAME).notNullable()
      t.string('updated_at', INSTANT).notNullable()
    },
  },
  rejects: {
    comment: 'Source rows set aside whole, with the reason; closed when a later commit loads the key',
    shape: (t) => {
      t.string('reject_id', NAME).primary()
      t.string('run_id', NAME).notNullable()
      t.string('dataset', REF).notNullable()
      t.string('source_id', REF).notNullable()
      t.text('version')
      t.string('code', CODE).notNullable()
      t.string('table_name', NAME)
      t.string('column_name', NAME)
      t.text('reason').notNullable()
      t.text('row_json', 'longtext').notNullable()
      t.string('mapping_hash', NAME).notNullable()
      t.string('created_at', INSTANT).notNullable()
      t.string('closed_at', INSTANT)
      t.string('closed_by', NAME)
    },
  },
  changes: {
    comment: 'Values that were changed on the way, counted (invalid: missing, cut nanoseconds)',
    shape: (t) => {
      t.string('run_id', NAME).notNullable()
      t.string('dataset', REF).notNullable()
      t.string('table_name', NAME).notNullable()
      t.string('column_name', NAME).notNullable()
      t.string('code', CODE).notNullable()
      t.bigInteger('changed').notNullable()
      t.primary(['run_id', 'dataset', 'table_name', 'column_name', 'code'])
    },
  },
  schedules: {
    comment: 'The last due time of each scheduled pipeline, and who took it on',
    shape: (t) => {
      t.string('pipeline', REF).primary()
      t.string('due_at', INSTANT).notNullable()
      t.string('holder', REF).notNullable()
      t.string('outcome', NAME).notNullable()
      t.string('run_id', NAME)
    },
  },
  parts: {
    comment: 'The relation that each dataset contributes to each unified table',
    shape: (t) => {
      t.integer('part_id').primary()
      t.string('unified_table', NAME).notNullable()
      t.string('pipeline', REF).notNullable()
      t.string('dataset', REF).notNullable()
      t.string('form', NAME).notNullable()
      t.string('relation', REF).notNullable()
      t.integer('slot')
      t.integer('generation').notNullable()
      t.string('state', NAME).notNullable()
      t.text('native_key').notNullable()
    },
  },
}

/** DDL of the state tables; every step can be repeated. */
export function stateSteps(knex: Knex, internal: string): DdlStep[] {
  return Object.entries(TABLES).map(([name, { comment, shape }]) => {
    const builder = knex.schema.withSchema(internal).createTable(name, (table) => shape(table))
    const [create] = builder.toSQL() as unknown as { sql: string }[]
    return {
      name: `create state table ${name}: ${comment}`,
      // knex's own "if not exists" is deprecated for its silence about differing shapes; the ledger keeps ours.
      sql: create!.sql.replace(/^create table /, 'create table if not exists '),
    }
  })
}
