import type { Place, SourceFile } from '../../core/place.ts'

/** Offsets in a text; `to` is behind the last character. */
export interface Span {
  from: number
  to: number
}

/** Turns offsets of a parsed text into places. */
export type Locate = (from: number, to?: number) => Place

/**
 * @param text what was parsed; it has the lines of `file.text`, though a repaired line may differ inside
 * @returns places that stay within one line: where the spot goes on below, `length` ends with the line
 */
export function locator(file: SourceFile, text: string): Locate {
  const starts = lineStarts(text)
  return (from, to = from + 1) => {
    const line = lineOf(starts, from)
    const start = starts[line]!
    const end = line + 1 < starts.length ? starts[line + 1]! - 1 : text.length
    const length = Math.max(1, Math.min(to, end) - from)
    return { file, line: line + 1, column: from - start + 1, length }
  }
}

export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Index of the line that holds `offset`. */
function lineOf(starts: number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low
}
