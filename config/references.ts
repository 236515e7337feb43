import { readFileSync, realpathSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { SourceText } from '../core/place.ts'
import { registerSecret } from '../core/secrets.ts'
import { soundsSecret } from './mask.ts'
import type { ConfigCode, Finding, Report } from './report.ts'

/** Where references lead. */
export interface Surroundings {
  /** The project's folder. */
  root: string
  env: NodeJS.ProcessEnv
}

const MAX_SECRET_BYTES = 65_536
const REFERENCE = /\$\{([^}]*)(\}?)/g

export const hasReference = (text: string): boolean => text.includes('${')

/**
 * Puts the values of `${env:NAME}` and `${file:path}` in their places and registers what must never be printed. A
 * reference in the user or password position of a URL stands for the name or password itself: it is percent-encoded.
 * @returns undefined where a reference leads nowhere (then reported, all of them)
 */
export function resolveReferences(
  source: SourceText,
  secret: boolean,
  around: Surroundings,
  report: Report,
): string | undefined {
  const { text } = source
  const user = userInfoEnd(text)
  let failed = false
  const resolved = text.replace(REFERENCE, (whole, inner: string, close: string, offset: number) => {
    const outcome = close ? look(inner, around) : malformed(whole)
    if ('code' in outcome) {
      failed = true
      report.error(outcome.code, source.place(offset, offset + whole.length), outcome.finding)
      return ''
    }
    const inUrl = offset < user
    if (secret || inUrl || isSensitive(inner)) registerSecret(outcome.value)
    return inUrl ? encodeURIComponent(outcome.value) : outcome.value
  })
  if (failed) return undefined
  if (secret) registerSecret(resolved)
  if (resolved !== text) registerPassword(resolved)
  return resolved
}

const isSensitive = (inner: string): boolean => inner.startsWith('file:') || soundsSecret(inner)

/** Offset of the `@` behind user and password of a URL; 0 where there is none. */
function userInfoEnd(text: string): number {
  const plain = text.replace(/\$\{[^}]*\}/g, (it) => '\0'.repeat(it.length))
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.exec(plain)?.[0].length ?? 0
}

/** The password inside a URL leaks without the URL, encoded and decoded. */
function registerPassword(text: string): void {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:]*:([^/?#]*)@/i.exec(text)?.[1]
  if (!password) return
  registerSecret(password)
  try {
    registerSecret(decodeURIComponent(password))
  } catch {
    // Not percent-encoded: registered as it stands.
  }
}

type Outcome = { value: string } | { code: ConfigCode; finding: Finding }

const fault = (code: ConfigCode, problem: string, remedy: string): Outcome => ({
  code,
  finding: { problem, remedy },
})

const malformed = (reference: string): Outcome =>
  fault(
    'E134',
    `"${reference.split(':')[0]!.slice(0, 20)}…" is no reference.`,
    'Write ${env:NAME} or ${file:path}.',
  )

function look(inner: string, around: Surroundings): Outcome {
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(inner)
  if (env) return fromEnvironment(env[1]!, around.env)
  const file = /^file:(.+)$/.exec(inner)
  if (file) return fromFile(file[1]!.trim(), around.root)
  const bare = /^[A-Za-z_][A-Za-z0-9_]*$/.test(inner)
  if (bare) return fault('E134', `"\${${inner}}" does not say where to look.`, `Write \${env:${inner}}.`)
  return malformed(`\${${inner}}`)
}

function fromEnvironment(name: string, env: NodeJS.ProcessEnv): Outcome {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value) return { value }
  return fault(
    'E132',
    `The environment variable ${name} is ${value === '' ? 'empty' : 'not set'}.`,
    `Set it first, as in: export ${name}=…`,
  )
}

function fromFile(path: string, root: string): Outcome {
  const wrong = (reason: string, remedy: string) =>
    fault('E133', `The secret file ${path} ${reason}.`, remedy)
  const inside = 'Put it inside the project, and write its path from there.'
  try {
    const real = realpathSync(resolve(root, path))
    const from = relative(realpathSync(root), real)
    if (from === '..' || from.startsWith(`..${sep}`) || from === '')
      return wrong('lies outside of the project', inside)
    const { size } = statSync(real)
    if (size > MAX_SECRET_BYTES)
      return wrong('is larger than 64 KB', 'Name the file that holds only the secret.')
    const value = readFileSync(real, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? wrong('is empty', 'Write the secret into it.') : { value }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return wrong(missing ? 'does not exist' : 'cannot be read', inside)
  }
}
