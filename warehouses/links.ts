import { createHash } from 'node:crypto'
import type { Field } from '../core/field.ts'
import type { ReachAsk, Reached, ServerAddress } from '../core/reach.ts'

/** What links of every engine have in common: names, and reasons why there is none. */

export const none = (because: string, remedy?: string): Reached => ({
  how: 'none',
  because,
  ...(remedy && { remedy }),
})

const digest = (of: unknown, digits: number): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, digits)

const MAX_BYTES = 63

/** The digits tell apart what looks alike once it is cut; the words are for people. */
const named = (words: string, digits: string): string =>
  `${words
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, MAX_BYTES - digits.length - 2)}__${digits}`

/** The object that stands for a connection's server: `polder__shop_db__0123456789abcdef`. */
export const serverName = (connection: string, of: unknown[]): string =>
  named(`polder__${connection}`, digest([connection, ...of], 16))

const ownDigits = (dataset: string): string => digest(dataset, 8)

/**
 * The table that stands for a dataset's relation: `link__shop__customers__0123456789abcdef`. Another definition gives another
 * name: the new link is made beside the old one, and views go over to it with nothing missing meanwhile.
 */
export const linkName = (dataset: string, definition: unknown[]): string =>
  named(`link__${dataset.replace('.', '__')}`, `${ownDigits(dataset)}${digest(definition, 8)}`)

/** By its name alone: what else is told of a link may have to be asked of the other server. */
export const isLinkOf = (dataset: string, name: string): boolean =>
  name.startsWith('link__') && name.slice(0, -8) === linkName(dataset, []).slice(0, -8)

/** The link's comment. */
export const linkComment = (dataset: string): string => `Polder's link to the source of ${dataset}`

/** The columns that a link is to have. */
export const usedFields = ({ fields, uses }: ReachAsk): Field[] =>
  fields.filter((it) => uses?.includes(it.name) ?? true)

/** The machine's own name for itself: to the warehouse's machine it means another one. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')

/** A server that answers under this name, and is another one: its rows would be taken for the source's. */
export const elsewhere = (address: ServerAddress): Reached =>
  none(
    `what the machine of the warehouse finds at ${address.host}:${address.port} is not the source's server`,
    hint(address) ?? 'give the connection a host that means the same server on both machines',
  )

/** A link sets what texts of values depend on once, in one session, and leaves it there for others. */
export const behindPooler = async ({ host, port, pooled }: ServerAddress): Promise<Reached | undefined> =>
  (await pooled?.())
    ? none(
        `a pooler answers at ${host}:${port}, and may change the session in the middle`,
        'give the connection the server itself',
      )
    : undefined

export const hint = ({ host }: ServerAddress): string | undefined =>
  isLoopback(host)
    ? `to the machine of the warehouse ${host} means itself: give the connection a host that it knows the source by`
    : undefined
