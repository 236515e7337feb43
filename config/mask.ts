import type { SourceFile } from '../core/place.ts'
import type { Span } from './yaml/locate.ts'

/** Names of keys whose values are treated as secrets wherever they stand. */
const SECRET_WORDS =
  'pass|pwd|secret|token|credential|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?key'

export const soundsSecret = (name: string): boolean => new RegExp(SECRET_WORDS, 'i').test(name)

// Every repetition in these patterns is bounded: the time stays linear in the length of the file.
const REFERENCES = /(\$\{[^}\n]{0,500}\})/
const URL_PASSWORD = /[a-z0-9]:\/\/[^\s:@/?#'"`]{0,200}:([^\s/?#'"`]{1,1000})@/gi
const SECRET_KEY = `["']?([\\w.-]{0,40}(?:${SECRET_WORDS})[\\w.-]{0,40})["']?[ \\t]{0,20}:(?:[ \\t]+|$)`

/** Overwrites the spans, except references in them, so that no excerpt shows them; lines and columns stay. */
export function maskSpans(file: SourceFile, spans: Span[]): void {
  const pieces: string[] = []
  let done = 0
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= done) continue
    pieces.push(
      file.text.slice(done, Math.max(done, from)),
      starred(file.text.slice(Math.max(done, from), to)),
    )
    done = to
  }
  if (pieces.length > 0) file.text = pieces.join('') + file.text.slice(done)
}

const starred = (text: string): string =>
  text
    .split(REFERENCES)
    .map((piece, index) => (index % 2 ? piece : piece.replace(/[^\r\n]/g, '*')))
    .join('')

/** Blanks out `${…}` references, keeping the length. */
const withoutReferences = (text: string): string =>
  text.replace(new RegExp(REFERENCES, 'g'), (it) => '\0'.repeat(it.length))

/** Passwords in clear text inside URLs of `text`. */
export function urlPasswords(text: string): Span[] {
  return [...withoutReferences(text).matchAll(URL_PASSWORD)]
    .filter((it) => /[^\0]/.test(it[1]!))
    .map((it) => {
      const to = it.index + it[0].length - 1
      return { from: to - it[1]!.length, to }
    })
}

/**
 * What stands behind keys that sound like a secret, line by line: for files that cannot be parsed and for comments.
 * @param isPlain keys that sound so and hold none (`tokenUrl`)
 */
export function secretsBySound(text: string, isPlain: (key: string) => boolean): Span[] {
  return [...text.matchAll(new RegExp(SECRET_KEY, 'gim'))].flatMap((match) => {
    const from = match.index + match[0].length
    const to = valueEnd(text, match.index, from)
    const reference = /^["']?\$\{[^}\n]{0,500}\}["']?\s*([,}#\r\n]|$)/.test(text.slice(from, to))
    return reference || isPlain(match[1]!) ? [] : [{ from, to }]
  })
}

/** A value goes on over the lines that are indented deeper than its key's line. */
function valueEnd(text: string, keyAt: number, from: number): number {
  const lineStart = text.lastIndexOf('\n', keyAt) + 1
  const indent = /^[ #-]*/.exec(text.slice(lineStart, keyAt))![0].length
  let end = endOfLine(text, from)
  while (end < text.length) {
    const next = text.slice(end + 1, endOfLine(text, end + 1))
    if (next.trim() === '' || /^ */.exec(next)![0].length <= indent) break
    end += 1 + next.length
  }
  return end
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
