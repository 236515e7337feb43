import { cliCatalog } from './cli.ts'
import { configCatalog } from './config.ts'
import { mappingCatalog } from './mapping.ts'
import { planCatalog } from './plan.ts'
import { rowCatalog } from './row.ts'
import { runCatalog } from './run.ts'
import { sourceCatalog } from './source.ts'
import type { Catalog, CatalogEntry } from './types.ts'
import { warehouseCatalog } from './warehouse.ts'

/**
 * Every error code: E1xx YAML and configuration · E2xx mapping · E3xx plan and contract · E4xx sources ·
 * E5xx rows · E6xx warehouse · E7xx runs · E8xx the command line · E9xx defects of Polder.
 */
export const catalog: Catalog = {
  ...configCatalog,
  ...mappingCatalog,
  ...planCatalog,
  ...sourceCatalog,
  ...rowCatalog,
  ...warehouseCatalog,
  ...runCatalog,
  ...cliCatalog,
}

export const explain = (code: string): CatalogEntry | undefined =>
  (catalog as Record<string, CatalogEntry>)[code.toUpperCase()]

export type { CatalogEntry }
