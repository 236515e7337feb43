/** Writes what is derived and committed: editor schemas, references. A test fails where it was forgotten. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { registry } from '../app/registry.ts'
import { jsonSchemas, loadTables } from '../config/index.ts'
import { catalog } from '../core/catalog/index.ts'
import { functions } from '../transforms/index.ts'
import { builtinSchema, schemaJson, schemaReference } from '../unify/index.ts'
import { duckdb } from '../warehouses/duckdb/dialect.ts'
import { mysqlDialect } from '../warehouses/mysql/dialect.ts'
import { postgres } from '../warehouses/postgres/dialect.ts'
import { sqlFormsReference } from './sql-forms.ts'

// The type as the catalog of each server shows it: that is what people meet.
const engines = [
  { title: 'DuckDB', type: duckdb.storedType },
  { title: 'PostgreSQL', type: postgres.storedType },
  { title: 'MariaDB', type: mysqlDialect('mariadb').storedType },
]

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Path in the repository → text. */
export function generatedFiles(): Record<string, string> {
  const { tables } = loadTables(builtinSchema())
  const editor = Object.entries(jsonSchemas(registry, tables))
  return {
    ...Object.fromEntries(editor.map(([name, schema]) => [`config/json-schema/${name}`, pretty(schema)])),
    'docs/reference/unified-schema.md': schemaReference(tables, engines),
    'docs/reference/unified-schema.json': pretty(schemaJson(tables)),
    'docs/reference/errors.md': errorReference(),
    'docs/reference/functions.md': functionReference(),
    'docs/reference/sql-forms.md': sqlFormsReference(),
  }
}

function errorReference(): string {
  const pages = Object.entries(catalog)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([code, { title, meaning, next }]) => `## ${code}: ${title}\n\n${meaning}\n\n**Next:** ${next}\n`)
  return `# Error codes\n\nThe same text as \`polder explain CODE\`.\n\n${pages.join('\n')}`
}

function functionReference(): string {
  const pages = functions.map(
    ({ name, signature, description, example }) =>
      `## $${name}\n\n\`${signature}\`\n\n${description}\n\n\`\`\`\n${example}\n\`\`\`\n`,
  )
  return `# Functions beside JSONata's own\n\n${pages.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = new URL('..', import.meta.url)
  for (const [path, text] of Object.entries(generatedFiles())) {
    const file = new URL(path, root)
    mkdirSync(new URL('.', file), { recursive: true })
    writeFileSync(file, text)
  }
  // Formatted as everything here is, so that the linter has nothing to say.
  const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root))
  execFileSync(process.execPath, [biome, 'format', '--write', fileURLToPath(new URL('docs/reference', root))])
}
