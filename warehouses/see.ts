import type { Engine, StoredTable } from './engine.ts'
import type { OpenTx } from './transaction.ts'

const id = { kind: 'id' } as const

/** Notes keys as seen under a scan, by the bulk road: see `Loader.see`. */
export async function seeKeys(
  tx: OpenTx,
  at: { engine: Pick<Engine, 'encode'>; internal: string; relation: string; dataset: string },
  scan: { id: string; first: boolean },
  keys: string[],
): Promise<void> {
  if (scan.first) await tx.run(`delete from ${at.relation} where dataset = ?`, [at.dataset])
  if (keys.length === 0) return
  const seen: StoredTable = {
    schema: at.internal,
    name: 'seen',
    columns: [
      { name: 'source_id', type: id },
      { name: 'dataset', type: id },
      { name: 'scan_id', type: id },
    ],
  }
  const rows = at.engine.encode(seen.columns.slice(0, 1), { columns: [keys], rows: keys.length })
  await tx.connection.append(seen, [rows], [at.dataset, scan.id]).finally(() => rows.release?.())
}
