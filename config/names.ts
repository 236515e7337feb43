import type { Place } from '../core/place.ts'
import type { Report } from './report.ts'

export const NAME_PATTERN = '^[a-z][a-z0-9_]*$'
export const MAX_NAME = 40

const NAME = new RegExp(NAME_PATTERN)

/** @param what as `pipeline`, `column` */
export function checkName(name: string, at: Place, what: string, report: Report): boolean {
  if (NAME.test(name) && name.length <= MAX_NAME) return true
  const near = proposal(name)
  report.error('E115', at, {
    problem:
      name.length > MAX_NAME
        ? `The ${what} name "${name.slice(0, MAX_NAME)}…" has ${name.length} characters; at most ${MAX_NAME} are possible.`
        : `"${name}" cannot be the name of a ${what}: small letters, digits and _ only, a letter first.`,
    remedy: NAME.test(near) ? `Possible is "${near}".` : undefined,
  })
  return false
}

function proposal(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, MAX_NAME)
}
