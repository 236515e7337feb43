import type { ColumnFacts, Stored } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import { liesOf } from '../stored.ts'
import { columnFacts } from './column-facts.ts'
import { type Flavour, quote } from './dialect.ts'

/** Which columns of a link have a key, over which the other server is sent conditions. */
export interface KeyAsk {
  flavour: Flavour
  /** A join would ask the other server once for each row. */
  joined?: boolean
  /** In which sessions of the other server begin. */
  zone: string
}

/** Names of UTC; GMT may be London's in winter. */
const isUtc = (zone: string): boolean => /^([+-]00:00|(etc\/)?(utc|uct|universal|zulu))$/i.test(zone)

/**
 * A column of a FEDERATED table. Values come as text: of a float without its last digits, of a double with all. Its sessions
 * over there run in UTC, until one that broke off is made anew: then they run in the zone of that server.
 * Its keys send conditions. They are answered over there as here only for numbers and times, since texts compare by the
 * collations of that server; and only where no value is NULL, since what it sends for `is null or …` finds nothing. None of this
 * was seen in MySQL, which gets no keys.
 */
export function linkColumn(field: Field, { flavour, joined, zone }: KeyAsk): ColumnFacts {
  const facts = columnFacts(field)
  const { stored } = facts
  if (stored?.kind === 'double')
    return stored.single || !isPlain(field) ? { ...facts, stored: undefined } : facts
  if (stored === undefined || stored.kind === 'text' || stored.kind === 'boolean') return facts
  if (stored.kind === 'timestamp' && !isUtc(zone)) {
    const sourceType = `${field.sourceType} behind FEDERATED, of a server whose time_zone is ${zone} and not UTC`
    return { ...facts, sourceType, stored: undefined }
  }
  // What a bigint does not hold stays as it is, and JavaScript judges it.
  if (stored.kind === 'integer' && Number(stored.max) >= 2 ** 64) return facts
  const indexed = flavour === 'mariadb' && !joined && !field.nullable
  return { ...facts, stored: { ...stored, lies: { indexed } } }
}

/** `double(9,2)` rounds, and its text may be one of another double. */
const isPlain = ({ sourceType }: Field): boolean => /^double( unsigned)?$/.test(sourceType.toLowerCase())

/** Nullable whatever the source says: FEDERATED would show a NULL as 0. */
export function columnLines(columns: ColumnFacts[]): string[] {
  const said = columns.filter((it) => it.stored !== undefined)
  const keys = said.filter((it) => liesOf(it.stored!)?.indexed)
  return [
    ...said.map((it) => `${quote(it.name)} ${typeOf(it, it.stored!)}`),
    ...keys.map((it) => `key (${quote(it.name)})`),
  ]
}

/** An instant's text is the clock of UTC: it needs no zone here. */
function typeOf({ sourceType }: ColumnFacts, stored: Stored): string {
  if (!liesOf(stored)) return sourceType
  if (stored.kind === 'integer') return 'bigint'
  return stored.kind === 'datetime' || stored.kind === 'timestamp' ? 'datetime(6)' : sourceType
}
