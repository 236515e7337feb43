import type { LookupPrint, LookupTable } from './table.ts'

/** What a reading looked up, by name. */
export type LookupPrints = Record<string, LookupPrint>

/** Of a reading that is to begin, with the tables' names for messages. */
export type LookedUp = Record<string, LookupPrint & { from: string }>

export const lookedUpIn = (tables: LookupTable[]): LookedUp | undefined =>
  tables.length === 0
    ? undefined
    : Object.fromEntries(tables.map(({ name, request, print }) => [name, { ...print, from: request.from }]))

/**
 * The first table that is not as it was looked up before.
 * @param redefined the mapping has changed too: a look-up that is another one now tells nothing of its table
 */
export function changedLookup(
  before: LookupPrints | undefined,
  now: LookedUp | undefined,
  redefined: boolean,
): string | undefined {
  const changed = Object.entries(now ?? {}).find(([name, { of, rows }]) => {
    const was = before?.[name]
    return was?.of === of ? was.rows !== rows : !redefined
  })
  return changed?.[1].from
}

export const printsOf = (now: LookedUp | undefined): LookupPrints | undefined =>
  now && Object.fromEntries(Object.entries(now).map(([name, { of, rows }]) => [name, { of, rows }]))
