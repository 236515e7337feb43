const MAX_WIDTH = 120
const LEAD = 40

export interface LineWindow {
  text: string
  /** Index in the whole line of the first character shown, less what `…` adds. */
  from: number
}

/** A long line is cut to what stands around `column` (from 0). */
export function windowAround(line: string, column: number): LineWindow {
  if (line.length <= MAX_WIDTH) return { text: line, from: 0 }
  const start = column < MAX_WIDTH - LEAD ? 0 : column - LEAD
  const end = Math.min(line.length, start + MAX_WIDTH)
  const head = start > 0 ? '…' : ''
  return { text: head + line.slice(start, end) + (end < line.length ? '…' : ''), from: start - head.length }
}

/** Without what moves the cursor of a terminal; every UTF-16 unit keeps its place. */
export const printable = (text: string): string =>
  text.replace(/\t/g, ' ').replace(/[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '·')

/** Columns that a terminal uses. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of printable(text)) width += isCombining(character) ? 0 : isWide(character) ? 2 : 1
  return width
}

const isCombining = (character: string): boolean => /^(?:\p{Mn}|\p{Me}|\u200d)$/u.test(character)

const isWide = (character: string): boolean =>
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u.test(
    character,
  )
