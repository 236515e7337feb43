import type { Pushed } from '../core/reach.ts'
import type { Value } from '../core/value.ts'
import type { DdlStep } from '../core/warehouse.ts'
import type { Connection, Engine } from './engine.ts'
import { filteredParts, type SelectAsk } from './part-view.ts'

/**
 * Asks as if the steps were taken.
 * @returns undefined where the engine cannot take them back
 */
export async function triedQuery(
  connection: Connection,
  { links }: Engine,
  steps: DdlStep[],
  sql: string,
): Promise<Record<string, Value>[] | undefined> {
  const ask = () => connection.query(sql)
  return steps.length === 0 ? ask() : links?.trial?.(connection, steps, ask)
}

/**
 * How much of a part's query another server would answer, as if the steps were taken.
 * @returns undefined where the engine does not tell
 */
export async function triedPushdown(
  connection: Connection,
  { links, dialect, print }: Engine,
  part: Pick<SelectAsk, 'source' | 'table' | 'query'>,
  steps: DdlStep[],
): Promise<Pushed | undefined> {
  const { trial, pushed, known } = links ?? {}
  if (known) return known(part.table, part.query)
  if (!pushed || (steps.length > 0 && !trial)) return undefined
  const { whole, filtered } = filteredParts({ dialect, print, ...part })
  const work = () => pushed(connection, whole, filtered)
  return steps.length > 0 ? trial!(connection, steps, work) : work()
}
