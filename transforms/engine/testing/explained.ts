import type { Outcome } from './stock.ts'

/** Why the two may differ here: a fault of jsonata 2.2.2, with a test of its own in upstream.test.ts. */
export function explanationOf(
  text: string,
  stock: Outcome,
  engine: Outcome,
  changed: boolean,
): string | undefined {
  if (changed) return 'the interpreter changed its input'

  if ('code' in engine && engine.code === 'P1004') return 'left to the interpreter'
  if ('code' in engine && engine.code === 'P1002') return 'a picture longer than our limit'
  if ('code' in stock && ['TypeError', 'RangeError', 'SyntaxError'].includes(stock.code)) return 'raw error'
  // Entries of a list or an object are evaluated side by side: which of two errors comes first is a matter of depth.
  if ('code' in stock && 'code' in engine && /[[{]/.test(text)) return 'two errors'
  return undefined
}
