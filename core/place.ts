/** A text file as the user wrote it. `path` is relative to the project, with forward slashes. */
export interface SourceFile {
  path: string
  text: string
}

/** A spot in a file. `line` and `column` count from 1, in UTF-16 units; `length` is at least 1. */
export interface Place {
  file: SourceFile
  line: number
  column: number
  length: number
}

/**
 * A text scalar of a YAML file with the way back to the file: `place(from, to)` gives the spot of the value's
 * characters `from` to `to` in what the user wrote, block scalars, folds and escapes included.
 */
export interface SourceText {
  text: string
  /** Where the user's own expression begins, behind functions that were put before it; absent: at 0. */
  begin?: number
  place(from?: number, to?: number): Place
}

/** `pipelines/crm.yaml:14:12` */
export const placeText = (at: Place): string => `${at.file.path}:${at.line}:${at.column}`

/** A text that stands in no file (tests, defaults): every place in it is line 1 of `path`. */
export function looseText(text: string, path = '<text>'): SourceText {
  const file = { path, text }
  const place = (from = 0, to = text.length) => {
    const before = text.slice(0, from).split('\n')
    return { file, line: before.length, column: before.at(-1)!.length + 1, length: Math.max(1, to - from) }
  }
  return { text, place }
}
