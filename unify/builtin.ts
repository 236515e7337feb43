import { readFileSync } from 'node:fs'
import type { SourceFile } from '../core/place.ts'

/** In reading order: who, what is sold and bought, what happened, what we do about it. */
export const TABLE_NAMES = [
  'party',
  'identifier',
  'relationship',
  'product',
  'sales_order',
  'order_line',
  'event',
  'consent_event',
  'deal',
  'ticket',
  'campaign',
] as const

/** The files of the built-in unified tables, one table each, in the form that a team's own tables have. */
export function builtinSchema(): SourceFile[] {
  return TABLE_NAMES.map((name) => ({
    path: `unify/schema/${name}.yaml`,
    text: readFileSync(new URL(`./schema/${name}.yaml`, import.meta.url), 'utf8'),
  }))
}
