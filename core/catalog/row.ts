import type { Catalog } from './types.ts'

export const rowCatalog = {} satisfies Catalog
