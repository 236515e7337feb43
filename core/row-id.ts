import { createHash } from 'node:crypto'

/** Longest id; longer ones end in a hash (varchar(191) is the longest that MySQL's utf8mb4 indexes everywhere). */
export const MAX_ID = 191
const HASH_DIGITS = 32

/** Escapes what separates the parts of an id: `: # | %`. */
export const escapePart = (text: string): string =>
  text.replace(/[:#|%]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)

/** At most 191 UTF-16 units; a longer text keeps its head and ends in `~` and 32 hex digits of its SHA-256. */
export function shorten(text: string): string {
  if (text.length <= MAX_ID) return text
  const hash = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, HASH_DIGITS)
  let head = text.slice(0, MAX_ID - HASH_DIGITS - 1)
  if (/[\uD800-\uDBFF]$/.test(head)) head = head.slice(0, -1)
  return `${head}~${hash}`
}

/** A row's `source_id`: its key columns' texts, escaped and joined by `|`. */
export const sourceId = (key: string[]): string => shorten(key.map(escapePart).join('|'))

/**
 * `pipeline:dataset:key`, `#as` where a table gets several rows, `#item` for the items of `each`.
 * @param key already joined: the result of `joinKey`
 */
export function rowId(pipeline: string, dataset: string, key: string, as?: string, item?: string): string {
  let id = `${escapePart(pipeline)}:${escapePart(dataset)}:${key}`
  if (as !== undefined) id += `#${escapePart(as)}`
  if (item !== undefined) id += `#${escapePart(item)}`
  return shorten(id)
}

/** The key part of an id: escaped columns joined by `|`, not shortened. */
export const joinKey = (key: string[]): string => key.map(escapePart).join('|')
