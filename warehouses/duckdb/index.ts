import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { WarehouseKind } from '../../core/warehouse.ts'

export const duckdb: WarehouseKind = {
  name: 'duckdb',
  title: 'DuckDB (embedded)',
  options: {
    path: {
      kind: 'path',
      description: 'The file, relative to the project; made when missing',
      required: false,
      default: './warehouse.duckdb',
    },
    memory_limit: {
      kind: 'text',
      description: 'Memory that DuckDB may use for data; the process needs about twice as much',
      required: false,
      default: '128MB',
    },
    threads: {
      kind: 'integer',
      description: 'Threads that DuckDB uses',
      required: false,
      default: 2,
    },
    extension_directory: {
      kind: 'path',
      description: "Folder of DuckDB's extensions, for sources that are read through them",
      required: false,
    },
    extensions: {
      kind: 'choice',
      description: 'online: DuckDB may fetch its own extensions; without it nothing is fetched',
      choices: ['online'],
      required: false,
    },
  },
  isMade: async ({ options, root }) =>
    existsSync(resolve(root, String(options['path'] ?? './warehouse.duckdb'))),
  open: async (context) => (await import('./session.ts')).open(context),
}
