import type { SourceText } from '../core/place.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { Reading } from './expect.ts'
import { readExpression } from './expression.ts'
import type { Entry } from './yaml/tree.ts'

/** `same_as:` of a party: a reference to the party that it certainly is, too. */
export function readSameAs(entry: Entry, table: UnifiedTable, reading: Reading): SourceText | undefined {
  const { report } = reading
  if (table.name !== 'party') {
    report.error('E163', entry.keyAt, {
      problem: `same_as says who somebody is, and ${table.name} holds no parties.`,
      remedy: 'Move it under party, or remove it.',
    })
    return undefined
  }
  const expression = readExpression(entry, reading)
  if (expression === undefined || /\$(ref|self)\s*\(/.test(expression.text)) return expression
  report.error('E163', expression.place(), {
    problem: 'same_as needs the id of a party, and this is a value of the source.',
    remedy: `Write same_as: $ref("dataset", ${expression.text.trim()})`,
  })
  return undefined
}
