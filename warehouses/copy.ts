import { faultPoint } from '../core/fault.ts'
import { Fate } from '../core/mapping.ts'
import type { Fetch, Fetched } from '../core/reach.ts'
import type { CopyAsk, CopyQuery, CopySlice, LoadCounts, StagedCopy } from '../core/warehouse.ts'
import {
  countImage,
  fillImage,
  imageTable,
  isLeft,
  selectAmong,
  selectLeft,
  stageImage,
} from './copy-image.ts'
import { type CopyText, makesAll, targetOf } from './copy-slice.ts'
import { countDirect, insertDirect } from './copy-straight.ts'
import type { Connection, Engine } from './engine.ts'
import type { Merge } from './load.ts'
import { addCounts, clear } from './merge.ts'
import type { Target } from './staging.ts'
import { Tally } from './tally.ts'
import type { OpenTx } from './transaction.ts'

const MOST_BINDS = 500

/** The private table that holds fetched rows. */
export const FETCHED = 'polder_fetched'

export interface CopyContext {
  engine: Engine
  internal: string
}

/** The rows of one loader that the warehouse copies by itself. */
export class Copying {
  private readonly context: CopyContext
  private readonly targets: Target[]
  /** The connection that has the image, and of what. */
  private holder?: { connection: Connection; query: CopyQuery }
  /** The connection that has fetched rows. */
  private fetcher?: Connection

  constructor(context: CopyContext, targets: Target[]) {
    this.context = context
    this.targets = targets
  }

  fetched(connection: Connection, fetch: Fetch, slice: CopySlice): Promise<Fetched> {
    this.fetcher = connection
    return fetch.fill(connection, slice)
  }

  text(query: CopyQuery, slice: CopySlice): CopyText {
    const { engine, internal } = this.context
    const { dialect, print } = engine
    return { dialect, print, internal, query, slice, targets: this.targets }
  }

  /** Stages the rows of a slice from an image of it. */
  async stage(connection: Connection, text: CopyText, tally: Tally, ask: CopyAsk): Promise<StagedCopy> {
    await this.empty(connection, text)
    await connection.run(fillImage(text, tally.rows))
    faultPoint('K5')
    const fates = [0, 0, 0, 0]
    let [left, makers] = [0, 0]
    const found = await connection.query(countImage(text))
    for (const { fate, count, makers: made } of found) {
      if (isLeft(Number(fate))) left = Number(count)
      else fates[Number(fate)] = Number(count)
      makers += Number(made)
    }
    if (left > ask.mostLeft) return { rows: 0, among: [] }
    for (const sql of stageImage(text)) await connection.run(sql)
    tally.addCopied(fates, makers, text.query.version !== undefined)
    return {
      rows: fates.reduce((sum, it) => sum + it, 0),
      left: left === 0 ? [] : await this.left(connection, text),
      among: await this.among(connection, text, [...ask.among]),
    }
  }

  private async empty(connection: Connection, text: CopyText): Promise<void> {
    const { engine, internal } = this.context
    const table = imageTable(text)
    if (this.holder?.connection === connection && this.holder.query === text.query)
      return clear(connection, { dialect: engine.dialect, internal }, [table])
    await connection.run(engine.dialect.dropTemp(internal, table))
    await connection.run(engine.dialect.createTemp(internal, table))
    this.holder = { connection, query: text.query }
  }

  private async left(connection: Connection, text: CopyText): Promise<string[][]> {
    const rows = await connection.query(selectLeft(text))
    return rows.map((row) => text.slice.order.map((_, at) => String(row[`place_${at}`])))
  }

  private async among(connection: Connection, text: CopyText, keys: string[]): Promise<string[]> {
    const found: string[] = []
    for (let at = 0; at < keys.length; at += MOST_BINDS) {
      const some = keys.slice(at, at + MOST_BINDS)
      const rows = await connection.query(selectAmong(text, some.length), some)
      found.push(...rows.map((it) => String(it['source_id'])))
    }
    return found
  }

  async close(): Promise<void> {
    const { holder, fetcher } = this
    this.holder = undefined
    this.fetcher = undefined
    await this.drop(holder?.connection, 'polder_image')
    await this.drop(fetcher, FETCHED)
  }

  private async drop(connection: Connection | undefined, name: string): Promise<void> {
    const { engine, internal } = this.context
    if (!connection?.open) return
    await connection.run(engine.dialect.dropTemp(internal, { name, columns: [] })).catch(() => {})
  }
}

/** Can the rows go straight into their parts, counted from the same snapshot? */
export function goesStraight({ copies }: Engine['dialect'], query: CopyQuery, ask: CopyAsk): boolean {
  if (ask.mode !== 'append' || !ask.straight || ask.among.size > 0) return false
  return copies !== 'alone' || (query.rows.length === 1 && makesAll(query))
}

/** Inside the transaction. Throws as the engine does where a row fails the guard: what is written must be taken back. */
export async function copyStraight(tx: OpenTx, merge: Merge, text: CopyText): Promise<LoadCounts> {
  const inserts = text.query.rows.map((_, row) => insertDirect(text, merge, row))
  const { copies } = merge.dialect
  if (inserts.length === 1 && makesAll(text.query)) {
    const rows = await tx.run(inserts[0]!)
    return counted(text, { rows_read: rows, inside: rows, makers: rows, gone: 0 }, [rows])
  }
  if (copies === 'together') {
    const [row] = await tx.query<Record<string, number>>(together(countDirect(text), inserts))
    const written = inserts.map((_, at) => Number(row![`made_${at}`]))
    return counted(text, row!, written)
  }
  const [row] = await tx.query<Record<string, number>>(countDirect(text))
  const written: number[] = []
  for (const sql of inserts) written.push(await tx.run(sql))
  return counted(text, row!, written)
}

/** All parts of one statement see one snapshot. */
function together(count: string, inserts: string[]): string {
  const parts = inserts.map((sql, at) => `i${at} as (${sql} returning 1)`)
  const sums = inserts.map((_, at) => `(select count(*) from i${at}) as made_${at}`)
  return `with ${parts.join(', ')} select n.*, ${sums.join(', ')} from (${count}) as n`
}

function counted(text: CopyText, row: Record<string, number>, written: number[]): LoadCounts {
  const [rows, inside, makers, gone] = ['rows_read', 'inside', 'makers', 'gone'].map((it) =>
    Number(row[it]),
  ) as [number, number, number, number]
  const tally = new Tally()
  const fates = [0, 0, 0, 0]
  fates[Fate.load] = inside
  fates[Fate.deleted] = gone
  fates[Fate.filtered] = rows - inside - gone
  tally.addCopied(fates, makers, false)
  const counts = tally.counts(new Map())
  written.forEach((inserted, at) => {
    const target = targetOf(text, text.query.rows[at]!.table)
    addCounts(counts, target, { inserted, updated: 0, deleted: 0 })
  })
  return counts
}
