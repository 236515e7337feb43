import { createHash } from 'node:crypto'

/** Longest id; longer ones end in a hash (varchar(191) is the longest that MySQL's utf8mb4 indexes everywhere). */
export const MAX_ID = 191
const HASH_DIGITS = 32

const SEPARATOR = /[:#|%]/

/** Escapes what separates the parts of an id: `: # | %`. */
export const escapePart = (text: string): string =>
  SEPARATOR.test(text)
    ? text.replace(/[:#|%]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
    : text

/**
 * At most 191 UTF-16 units (or `longest`); a longer text keeps its head and ends in `~` and 32 hex digits of its SHA-256.
 */
export function shorten(text: string, longest = MAX_ID): string {
  if (text.length <= longest) return text
  const hash = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, HASH_DIGITS)
  let head = text.slice(0, longest - HASH_DIGITS - 1)
  if (/[\uD800-\uDBFF]$/.test(head)) head = head.slice(0, -1)
  return `${head}~${hash}`
}

/**
 * Ends the id of the relationship that `same_as` makes. No other id ends so: `:` is escaped in keys, names and items.
 */
export const SAME_AS = ':same_as'

/** What stands between the id of a watched state's first row and the number of a later one: `…:2`, `…:3`. */
export const STATE_NUMBER = ':'
const STATE_DIGITS = 10

/** An id that `STATE_NUMBER` and a number can be added to. */
export const numberedId = (text: string): string => shorten(text, MAX_ID - STATE_NUMBER.length - STATE_DIGITS)

/** @param party  the party's id, not shortened */
export const sameAsId = (party: string): string => shorten(party, MAX_ID - SAME_AS.length) + SAME_AS

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
