import { shorten } from '../core/row-id.ts'
import type { Merge } from './load.ts'
import { clear } from './merge.ts'
import { VERSION_COLUMN } from './parts.ts'
import { sharedTables, type Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

/**
 * In a table that only grows, what is about to be overwritten stays as a row of its own: id `<id>~1`, `<id>~2` …,
 * hidden by `deleted_at`, otherwise as it was.
 */
export async function keepRevisions(tx: OpenTx, merge: Merge, target: Target): Promise<void> {
  const { dialect, internal } = merge
  const changed = dialect.temp(internal, target.changed.name)
  const slot = target.slot === undefined ? '' : `t.slot = ${target.slot} and `
  const rows = await tx.query<{ id: string }>(`select id from ${changed}`)
  const kept = await tx.query<{ id: string }>(
    `select distinct t.id from ${changed} as s ${dialect.drive} ${target.relation} as t${dialect.lookUp.source} ` +
      `on ${slot}t.source_id = s.source_id where t.deleted_at is not null`,
  )
  const taken = new Set(kept.map((it) => it.id))
  const ids = rows.map((it) => it.id)
  await clear(tx, merge, [sharedTables.revision])
  await tx.connection.bulk(sharedTables.revision, {
    columns: [ids, ids.map((id) => nextId(id, taken))],
    rows: ids.length,
  })
  await tx.run(copyRows(merge, target, slot))
}

function nextId(id: string, taken: Set<string>): string {
  for (let count = 1; ; count++) {
    const next = shorten(`${id}~${count}`)
    if (!taken.has(next)) return next
  }
}

function copyRows({ dialect, internal, now }: Merge, target: Target, slot: string): string {
  const columns = [...target.table.columns.map((it) => it.name), VERSION_COLUMN].map(dialect.quote)
  const values = target.table.columns.map(({ name }) => {
    if (name === 'id') return 'v.revision_id'
    return name === 'deleted_at' ? dialect.instant(now) : `t.${dialect.quote(name)}`
  })
  const slots = target.slot === undefined ? [[], []] : [['slot'], ['t.slot']]
  return (
    `insert into ${target.relation} (${[...slots[0]!, ...columns].join(', ')}) ` +
    `select ${[...slots[1]!, ...values, `t.${VERSION_COLUMN}`].join(', ')} ` +
    `from ${dialect.temp(internal, sharedTables.revision.name)} as v ${dialect.drive} ${target.relation} as t${dialect.lookUp.id} ` +
    `on ${slot}t.id = v.id`
  )
}
