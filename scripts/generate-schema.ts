/** Writes the reference of the unified tables, as Markdown and as JSON Schema: `tsx scripts/generate-schema.ts`. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadTables } from '../config/index.ts'
import { builtinSchema, schemaJson, schemaReference } from '../unify/index.ts'
import { duckdb } from '../warehouses/duckdb/dialect.ts'
import { mysqlDialect } from '../warehouses/mysql/dialect.ts'
import { postgres } from '../warehouses/postgres/dialect.ts'

const FOLDER = new URL('../docs/reference/', import.meta.url)

// The type as the catalog of each server shows it: that is what people meet.
const engines = [
  { title: 'DuckDB', type: duckdb.storedType },
  { title: 'PostgreSQL', type: postgres.storedType },
  { title: 'MariaDB', type: mysqlDialect('mariadb').storedType },
]

const { tables } = loadTables(builtinSchema())
mkdirSync(FOLDER, { recursive: true })
writeFileSync(new URL('unified-schema.md', FOLDER), schemaReference(tables, engines))
writeFileSync(new URL('unified-schema.json', FOLDER), `${JSON.stringify(schemaJson(tables), null, 2)}\n`)

// The JSON is formatted as everything here is, so that `npm run lint` has nothing to say.
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
execFileSync(process.execPath, [biome, 'format', '--write', fileURLToPath(FOLDER)], { stdio: 'ignore' })
