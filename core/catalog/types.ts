/** One page of `polder explain E…`. */
export interface CatalogEntry {
  title: string
  /** What it means and how it comes about, in a few sentences. */
  meaning: string
  /** What to do. */
  next: string
}

export type Catalog = Record<`E${number}`, CatalogEntry>
