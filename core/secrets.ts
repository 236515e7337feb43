/** Values that must never be printed, with the forms in which they leak. */
const secrets = new Set<string>()

const MASK = '***'
/** Shorter values would mask half of every line. */
const MIN_LENGTH = 4

/** Registers a secret's value; from then on `redact` masks it, also base64- and URL-encoded. */
export function registerSecret(value: string): void {
  if (value.length < MIN_LENGTH) return
  for (const form of [
    value,
    encodeURIComponent(value),
    Buffer.from(value, 'utf8').toString('base64').replace(/=+$/, ''),
    JSON.stringify(value).slice(1, -1),
  ])
    secrets.add(form)
}

/** Masks every registered secret in `text`, longest first. */
export function redact(text: string): string {
  let result = text
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (result.includes(secret)) result = result.replaceAll(secret, MASK)
  }
  return result
}

/** A copy of `value` with secrets masked in all its strings. */
export function redactDeep<T>(value: T): T {
  if (typeof value === 'string') return redact(value) as T
  if (Array.isArray(value)) return value.map(redactDeep) as T
  if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, redactDeep(it)])) as T
  }
  return value
}
