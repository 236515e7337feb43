import { createHash } from 'node:crypto'
import { canonicalJson } from '../../core/json.ts'
import { decimalText } from '../../core/number.ts'
import type { Json } from '../../core/value.ts'
import { isMissing, type OwnFunction } from './own-function.ts'

export const hash: OwnFunction = {
  name: 'hash',
  signature: '$hash(value)',
  description:
    'SHA-256 of the value as text, in 64 hexadecimal digits. It hides a value from a casual look, not from somebody who can guess it: addresses and numbers can be guessed.',
  example: '$hash($email(contact_email))',
  arguments: [1, 1],
  result: 'text',
  make: () => (value) =>
    isMissing(value) ? undefined : createHash('sha256').update(textOf(value), 'utf8').digest('hex'),
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return decimalText(value) ?? String(value)
  return canonicalJson(value as Json)
}
