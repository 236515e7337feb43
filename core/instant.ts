/**
 * Moves a canonical instant or local datetime (six fraction digits, with or without `Z`) by whole milliseconds;
 * its microseconds stay as they are.
 */
export function shiftInstant(text: string, millis: number): string {
  const moved = new Date(Date.parse(`${text.slice(0, 23)}Z`) + millis).toISOString()
  return moved.slice(0, 23) + text.slice(23)
}

/** The smaller of two canonical texts of one kind. */
export const earlier = (a: string, b: string): string => (a < b ? a : b)
