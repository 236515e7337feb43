import type { Reached } from '../../core/reach.ts'
import type { RejectQuery, WarehouseSession } from '../../core/warehouse.ts'
import type { SaidParts } from '../../transforms/index.ts'
import type { Prepared } from './prepare.ts'
import type { Obstacle } from './road.ts'

/**
 * Files and views cannot prove that a key comes once, and nobody can give them such a proof. So they are asked how it is
 * now; every plan and every run asks again.
 */
export const canOnlyBeCounted = ({ dataset, facts }: Prepared): boolean =>
  dataset.load === 'direct' && (facts?.kind === 'file' || facts?.kind === 'view')

/** Rows that a view would show under an id that another row has, or under none. */
export async function repeatedKeys(
  { dataset, key }: Prepared,
  { sourceId }: SaidParts,
  { relation, steps = [] }: Reached,
  rejects: RejectQuery | undefined,
  session: WarehouseSession,
): Promise<Obstacle[]> {
  const printed = session.print(sourceId)
  if ('not' in printed) return []
  const id = printed.sql
  const shown = (rejects?.guards ?? []).flatMap(({ holds }) => {
    const it = session.print(holds)
    return 'sql' in it ? [` and ${it.sql}`] : []
  })
  const rows = await session.trial<Record<'repeated' | 'missing', number | string | null>>(
    steps,
    `select count(${id}) - count(distinct ${id}) as repeated, ` +
      `sum(case when ${id} is null${shown.join('')} then 1 else 0 end) as missing from ${relation}`,
  )
  if (!rows) return [{ what: 'key', because: 'it cannot be counted through a link that is not made yet' }]
  const [row] = rows
  const found: Obstacle[] = []
  const add = (count: number, what: string) => {
    if (count === 0) return
    const because = `${count} ${count === 1 ? 'row' : 'rows'} ${what} (${key.join(', ')})`
    found.push({
      what: 'key',
      because,
      ...((dataset.keyAt ?? dataset.at) && { at: dataset.keyAt ?? dataset.at }),
    })
  }
  add(Number(row!.repeated), 'more than there are keys')
  add(Number(row!.missing), 'without a key')
  return found
}
