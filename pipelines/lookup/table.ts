import { hash } from 'node:crypto'
import type { Batch, Column } from '../../core/batch.ts'
import { DataError } from '../../core/errors.ts'
import { canonicalJson } from '../../core/json.ts'
import { plural } from '../../core/text.ts'
import type { Json, Row } from '../../core/value.ts'
import { keyReader } from './key.ts'
import type { PreparedLookup } from './prepare.ts'

/** A looked-up table in memory. */
export interface LookupTable extends PreparedLookup {
  /** By key, see `keyReader`: the row without its NULLs, or with `many` the list of the rows. */
  rows: Map<string, Json>
  /** Of what one key finds, on average. */
  bytes: number
  print: LookupPrint
}

/** What was looked up, to be compared with the next reading. */
export interface LookupPrint {
  /** Of what is read and how: table, keys, fields. */
  of: string
  /** Of all rows that can be met. */
  rows: string
}

const ROW_BYTES = 150
const MASK = (1n << 128n) - 1n

/** Gathers the rows of a looked-up table, batch by batch. */
export class LookupBuilder {
  private readonly lookup: PreparedLookup
  private readonly isOrdered: boolean
  private readonly rows = new Map<string, Json>()
  private sum = 0n
  private length = 0

  constructor(lookup: PreparedLookup) {
    this.lookup = lookup
    const { key = [], kind } = lookup.facts ?? {}
    // A source without a key gives its rows in any order; files keep theirs.
    this.isOrdered = key.length > 0 || kind === 'file'
  }

  /**
   * @returns about how many bytes of memory its rows take
   * @throws {DataError} E730 two rows of one key, E732 rows that cannot be read
   */
  add(batch: Batch, columns: Column[]): number {
    if (batch.broken?.length) throw broken(this.lookup, batch.broken.length)
    const { key, types, fields } = this.lookup
    const keyOf = keyReader(key, types, batch.schema, columns)
    const all = batch.schema.fields.map(({ name }, at) => [name, columns[at]!] as const)
    const wanted = fields.includes('*') ? all : all.filter(([name]) => fields.includes(name))
    let bytes = 0
    for (let row = 0; row < batch.rows; row++) {
      const text = keyOf(row)
      if (text !== undefined) bytes += this.put(text, rowAt(wanted, row))
    }
    return bytes
  }

  private put(key: string, row: Row): number {
    const place = this.lookup.many ? this.append(key, row) : this.set(key, row)
    const text = JSON.stringify([key, place, row])
    this.sum = (this.sum + numberOf(text)) & MASK
    this.length += text.length
    return ROW_BYTES + 2 * text.length
  }

  private set(key: string, row: Row): number {
    if (this.rows.has(key)) throw ambiguous(this.lookup)
    this.rows.set(key, row)
    return 0
  }

  /** @returns its place in the list, which is part of what was read where the source has an order */
  private append(key: string, row: Row): number {
    const list = this.rows.get(key) as Row[] | undefined
    if (list) list.push(row)
    else this.rows.set(key, [row])
    return this.isOrdered ? (list?.length ?? 1) : 0
  }

  finish(): LookupTable {
    if (this.lookup.many && !this.isOrdered) for (const it of this.rows.values()) sortRows(it as Row[])
    const { request, on, key, types, many, fields } = this.lookup
    const of = hash('sha256', JSON.stringify([request.from, on, key, types, many, fields]), 'hex')
    const bytes = Math.ceil(this.length / Math.max(1, this.rows.size))
    return { ...this.lookup, rows: this.rows, bytes, print: { of, rows: this.sum.toString(16) } }
  }
}

/** Added up these do not depend on the order of the rows, and equal rows do not cancel each other. */
const numberOf = (text: string): bigint => BigInt(`0x${hash('sha256', text, 'hex').slice(0, 32)}`)

function rowAt(fields: (readonly [string, Column])[], row: number): Row {
  const entries: [string, Json][] = []
  for (const [name, column] of fields) {
    const value = column[row]
    if (value !== null && value !== undefined) entries.push([name, value])
  }
  return Object.fromEntries(entries)
}

/** Of all orders the one that the next reading finds again. */
function sortRows(list: Row[]): void {
  if (list.length < 2) return
  const texts = new Map(list.map((it) => [it, canonicalJson(it)]))
  list.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1))
}

const ambiguous = ({ name, dataset, request, key }: PreparedLookup): DataError =>
  new DataError('E730', {
    problem: `Several rows of "${request.from}" have the same ${key.join(', ')}, so "${name}" of "${dataset}" would not be one row.`,
    remedy: `Write many: true to get all of them as a list, or a key: that is unique.`,
  })

const broken = ({ name, dataset, request }: PreparedLookup, count: number): DataError =>
  new DataError('E732', {
    problem: `${plural(count, 'row')} of "${request.from}" cannot be read, and "${name}" of "${dataset}" may need them.`,
    remedy: 'Mend the file: a row that is left out would be taken for one that does not exist.',
  })
