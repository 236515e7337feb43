import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'

/** How a connection to the warehouse is encrypted, as both drivers take it. */
export interface Encryption {
  rejectUnauthorized: boolean
  ca?: string
  cert?: string
  key?: string
}

const MODES = ['sslmode', 'ssl-mode', 'ssl']
/** Of libpq: files in PEM, relative to the project. */
const FILES = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const

export const TLS_PARAMETERS = [...MODES, ...Object.keys(FILES)]

/** Whoever asks for encryption gets it, with a certificate that is checked, unless they say that it is not. */
const CHECKED = { rejectUnauthorized: true }
const WORDS = new Map<string, false | Pick<Encryption, 'rejectUnauthorized'>>([
  ...['disable', 'disabled', 'false', '0'].map((it) => [it, false] as const),
  ...['true', '1', 'prefer', 'preferred', 'require', 'required'].map((it) => [it, CHECKED] as const),
  ...['verify-ca', 'verify-full', 'verify-identity'].map((it) => [it, CHECKED] as const),
  ['no-verify', { rejectUnauthorized: false }],
])

/**
 * What the parameters of a warehouse's url say; without any, no encryption.
 * @returns undefined where one of them is not understood: guessing might connect in the clear
 */
export function encryptionOf(parameters: URLSearchParams, root: string): false | Encryption | undefined {
  const said = MODES.flatMap((it) => parameters.getAll(it)).map((it) =>
    WORDS.get(it.toLowerCase().replaceAll('_', '-')),
  )
  const files = Object.entries(FILES).filter(([name]) => parameters.has(name))
  const [mode = files.length > 0 && CHECKED, ...more] = said
  if (said.includes(undefined) || more.some((it) => it !== mode)) return undefined
  if (mode === false) return false
  const read = files.map(([name, as]) => [as, fileOf(name, resolve(root, parameters.get(name)!))])
  return { ...mode, ...Object.fromEntries(read) }
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('E616', {
      problem: `The url of the warehouse names a file as ${name} that cannot be read.`,
      remedy: 'Correct its path; it is relative to the folder of polder.yaml.',
      cause,
    })
  }
}
