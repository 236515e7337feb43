import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import type { Link, Options } from './link-steps.ts'

export interface Rights {
  version: number
  role: string
  superuser: boolean
  /** Made in this database; its files lie on the machine. */
  made: boolean
  installed: boolean
  usage: boolean
}

export interface LinkColumn {
  name: string
  /** In the foreign table; absent: it has no such column, since there is no form for it. */
  type?: string
  collation?: string
  facts: ColumnFacts
}

/** What tells one foreign data wrapper from another. */
export interface Wrapper {
  extension: string
  /** Where its files come from, in words. */
  package: string
  userOption: string
  /** Why it cannot serve this address; undefined where it can. */
  refuses(address: ServerAddress, rights: Rights): Reached | undefined
  server(address: ServerAddress, version: number): Options
  table(address: ServerAddress, version: number): Options
  columns(connection: Connection, address: ServerAddress, fields: Field[]): Promise<LinkColumn[]>
  /** What stands behind `from`. */
  relation(table: string, columns: LinkColumn[], fields: Field[]): string
  warnings(columns: LinkColumn[]): string[]
  /** Inside a trial: does the server at the other end know this mark? */
  sees(connection: Connection, link: Link, mark: bigint): Promise<boolean>
}
