import type { Connector } from '../core/connector.ts'
import { duckdb } from './duckdb/duckdb.ts'
import { files } from './files/files.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'
import { sqlite } from './sqlite/sqlite.ts'

export { shapeOf } from './files/shape.ts'

/** Every first-party connector. */
export const connectors: Connector[] = [postgres, mysql, sqlite, duckdb, files]
