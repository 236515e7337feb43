import type { ClientConfig } from 'pg'
import { ConfigError } from '../../core/errors.ts'
import { identifiedAs } from '../../sdk/index.ts'
import { encryptionOf, TLS_PARAMETERS } from '../tls.ts'

/** Where the warehouse is, as the driver takes it. */
export type Server = Pick<ClientConfig, 'connectionString' | 'ssl'>

/** @throws {ConfigError} E614, E616 */
export function serverOf(text: unknown, root: string): Server {
  if (typeof text !== 'string' || !/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) throw misread()
  const url = new URL(text)
  const { searchParams } = url
  const found = encryptionOf(searchParams, root)
  if (found === undefined) throw misread()
  const host = searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '')
  // The driver has its own meaning for them, and warns of it.
  const asked = TLS_PARAMETERS.filter((it) => searchParams.has(it))
  // Where it says nothing, the environment may (PGSSLMODE).
  if (asked.length === 0) return { connectionString: text }
  for (const it of asked) searchParams.delete(it)
  const ssl = found && { ...found, ...(found.rejectUnauthorized && identifiedAs(host)) }
  return { connectionString: url.href, ssl }
}

const misread = (): ConfigError =>
  new ConfigError('E614', {
    problem: 'The url of the warehouse is no PostgreSQL address.',
    remedy:
      'Write it as postgres://user@host:5432/database (or with ?sslmode=verify-full), with the password by ${env:NAME}.',
  })
