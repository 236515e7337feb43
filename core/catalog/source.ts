import type { Catalog } from './types.ts'

export const sourceCatalog = {} satisfies Catalog
