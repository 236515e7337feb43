/** Values as UTF-8 bytes, written where they belong: no text is joined or cut out on the way. */

/** From here on the engine's own encoder is faster than a loop. */
const LONG = 200

/** UTF-8 bytes of a character of UTF-16, at most. */
export const MOST_BYTES = 3

/** Writes `text` at `at`, where there is room. @returns the place behind it */
export function putText(into: Buffer, at: number, text: string): number {
  const { length } = text
  if (length >= LONG) return at + into.write(text, at, 'utf8')
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) into[at++] = code
    else if (code < 0x800) {
      into[at++] = 0xc0 | (code >> 6)
      into[at++] = 0x80 | (code & 0x3f)
    } else return at + into.write(text.slice(i), at, 'utf8')
  }
  return at
}
