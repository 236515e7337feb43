import type { Catalog } from './types.ts'

export const warehouseCatalog = {} satisfies Catalog
