import type { Catalog } from './types.ts'

export const configCatalog = {} satisfies Catalog
