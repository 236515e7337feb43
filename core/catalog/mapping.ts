import type { Catalog } from './types.ts'

export const mappingCatalog = {} satisfies Catalog
