import { createHash } from 'node:crypto'

const MAX = 64

/** A source field's name for the table of changes: names of JSON fields have any length and any characters. */
export function changeName(field: string): string {
  const name = field.replace(/[\0\p{Cs}]/gu, '\uFFFD')
  if ([...name].length <= MAX) return name
  const hash = createHash('sha256').update(field).digest('hex').slice(0, 8)
  return `${[...name].slice(0, MAX - 9).join('')}_${hash}`
}
