import type { SourceFile } from '../core/place.ts'

/** Names of keys whose values are treated as secrets wherever they stand. */
const SECRET_WORDS =
  'pass|pwd|secret|token|credential|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?key'

export const soundsSecret = (name: string): boolean => new RegExp(SECRET_WORDS, 'i').test(name)

const REFERENCES = /\$\{[^}\n]*\}/g

/** Overwrites a range of the file's text, except references, so that no excerpt shows it; lines and columns stay. */
export function maskRange(file: SourceFile, from: number, to: number): void {
  const masked = file.text
    .slice(from, to)
    .split(/(\$\{[^}\n]*\})/)
    .map((piece, index) => (index % 2 ? piece : piece.replace(/[^\r\n]/g, '*')))
  file.text = file.text.slice(0, from) + masked.join('') + file.text.slice(to)
}

/** Blanks out `${…}` references, keeping the length. */
const withoutReferences = (text: string): string => text.replace(REFERENCES, (it) => '\0'.repeat(it.length))

// Every repetition is bounded: the time stays linear in the length of the file.
const URL_PASSWORD = /[a-z0-9]:\/\/[^\s:@/?#'"`]{0,200}:([^\s/?#'"`]{1,1000})@/gi

/** Where passwords stand in clear text inside URLs of `text`. */
export function urlPasswords(text: string): { from: number; to: number }[] {
  return [...withoutReferences(text).matchAll(URL_PASSWORD)]
    .filter((it) => /[^\0]/.test(it[1]!))
    .map((it) => {
      const to = it.index + it[0].length - 1
      return { from: to - it[1]!.length, to }
    })
}

/** Masks the passwords of all URLs in a file, comments included. */
export function maskUrlPasswords(file: SourceFile): void {
  for (const { from, to } of urlPasswords(file.text)) maskRange(file, from, to)
}

/**
 * Masks what stands behind keys that sound like a secret, line by line: for files that cannot be parsed and for
 * comments. References stay readable.
 * @param isPlain keys that sound so and hold none (`tokenUrl`)
 */
export function maskBySound(file: SourceFile, isPlain: (key: string) => boolean): void {
  const key = new RegExp(
    `["']?([\\w.-]{0,40}(?:${SECRET_WORDS})[\\w.-]{0,40})["']?[ \\t]{0,20}:(?:[ \\t]+|$)`,
    'gim',
  )
  for (const match of file.text.matchAll(key)) {
    if (isPlain(match[1]!)) continue
    const from = match.index + match[0].length
    const rest = file.text.slice(from, valueEnd(file.text, match.index, from))
    if (/^(\$\{[^}\n]*\}|["']\$\{[^}\n]*\}["'])\s*([,}#\r\n]|$)/.test(rest)) continue
    maskRange(file, from, from + rest.length)
  }
}

/** A value goes on over the lines that are indented deeper than its key's line. */
function valueEnd(text: string, keyAt: number, from: number): number {
  const lineStart = text.lastIndexOf('\n', keyAt) + 1
  const indent = /^[ #-]*/.exec(text.slice(lineStart))![0].length
  let end = endOfLine(text, from)
  while (end < text.length) {
    const next = text.slice(end + 1, endOfLine(text, end + 1))
    if (next.trim() !== '' && /^ */.exec(next)![0].length <= indent) break
    end += 1 + next.length
  }
  return end
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
