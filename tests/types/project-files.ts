import type { WarehouseName } from '../support/warehouse.ts'
import { isAbsent, SOURCES, type SourceName, type TypeCase } from './case.ts'
import type { Families } from './sources/databases.ts'

/** How the same cases are mapped: as they are, with `invalid: missing`, and all through `attributes`. */
const WAYS = ['strict', 'lenient', 'rest'] as const
export type Way = (typeof WAYS)[number]

/**
 * Megabytes are stored once. What becomes NULL, and what `attributes` holds, is made before any warehouse: in all of
 * them that costs more than it tells.
 */
export function waysOf(family: string, warehouse: WarehouseName, source: SourceName): readonly Way[] {
  if (family === 'large') return ['strict']
  if (warehouse === 'duckdb') return WAYS
  return source === 'postgres' ? ['strict', 'lenient'] : ['strict']
}

export const isIn = ({ written }: TypeCase, source: SourceName): boolean =>
  !isAbsent(written[source === 'jsonl' ? 'json' : source])

export const tableOf = (family: string): string => `corpus_${family}`
export const datasetOf = (source: SourceName, family: string, way: Way): string =>
  `from_${source}.${family}_${way}`

export const CONNECTIONS = `pg:
  connector: postgres
  url: \${env:TYPES_POSTGRES_URL}
maria:
  connector: mysql
  url: \${env:TYPES_MYSQL_URL}
lite:
  connector: sqlite
  path: ./data/types.db
exports:
  connector: files
  path: ./data/*
`

const CONNECTION: Partial<Record<SourceName, string>> = { postgres: 'pg', mysql: 'maria', sqlite: 'lite' }
export const connectionOf = (source: SourceName): string => CONNECTION[source] ?? 'exports'
export const fromOf = (source: SourceName, table: string): string =>
  source in CONNECTION ? table : `${table}.${source}`

/** Files of a project that maps every case from every source. */
export function projectFiles(families: Families, warehouse: WarehouseName): Record<string, string> {
  const files: Record<string, string> = { 'config/connections.yaml': CONNECTIONS }
  for (const [family, cases] of Object.entries(families))
    files[`schema/${tableOf(family)}.yaml`] = schema(family, cases)
  for (const source of SOURCES) files[`pipelines/from_${source}.yaml`] = pipeline(source, families, warehouse)
  return files
}

const schema = (family: string, cases: TypeCase[]): string =>
  [
    `table: ${tableOf(family)}`,
    `description: Values of the type corpus`,
    'columns:',
    ...cases.flatMap(({ name, to }) => [`  ${name}:`, `    type: ${to}`, `    description: A ${to}`]),
    '',
  ].join('\n')

const pipeline = (source: SourceName, families: Families, warehouse: WarehouseName): string =>
  [
    `pipeline: from_${source}`,
    `connection: ${connectionOf(source)}`,
    'datasets:',
    ...Object.entries(families).flatMap(([family, cases]) =>
      cases.some((it) => isIn(it, source))
        ? waysOf(family, warehouse, source).flatMap((way) => dataset(source, family, cases, way))
        : [],
    ),
    '',
  ].join('\n')

function dataset(source: SourceName, family: string, cases: TypeCase[], way: Way): string[] {
  const columns =
    way === 'rest'
      ? [`        attributes: '*'`]
      : cases.filter((it) => isIn(it, source)).map((it) => column(it, way))
  return [
    `  ${family}_${way}:`,
    `    from: ${fromOf(source, family)}`,
    '    key: id',
    '    to:',
    `      ${tableOf(family)}:`,
    ...columns,
  ]
}

function column({ name, zone }: TypeCase, way: Way): string {
  const more = [zone && `zone: ${zone}`, way === 'lenient' && 'invalid: missing'].filter(Boolean)
  return `        ${name}: { ${[`from: ${name}`, ...more].join(', ')} }`
}
