import { isMissing, type OwnFunction, Unfit } from './own-function.ts'

const NO_EMAIL = new Unfit('E527', 'is no e-mail address')
/** One @ between a name and a domain with a dot; whether it can be reached only a message to it tells. */
const EMAIL = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]._-][^\s@<>(),;:"\\[\]_]{0,250}$/
const DOMAIN = /\.[^.]{2,63}$/

export const email: OwnFunction = {
  name: 'email',
  signature: '$email(text)',
  description:
    'An e-mail address in the form that addresses are compared by: without blanks around it and in small letters. A text that is no address is rejected, or missing where the column says `invalid: missing`.',
  example: '$email(contact_email)',
  arguments: [1, 1],
  result: 'text',
  make: () => (value) => {
    if (isMissing(value)) return undefined
    if (typeof value !== 'string') throw NO_EMAIL
    const address = value.trim().toLowerCase()
    if (address === '') return undefined
    if (!EMAIL.test(address) || !DOMAIN.test(address) || address.includes('..')) throw NO_EMAIL
    return address
  },
}
