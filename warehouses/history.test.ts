import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../core/value.ts'
import type { LoadCounts } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import {
  batch,
  emptied,
  KINDS,
  type Place,
  partRows,
  place,
  type Ready,
  ready,
  type SourceRow,
  table,
  text,
} from './testing.ts'

/** Random histories of commits, against a model of a few lines. */

const party = table('party', [text('name')])
const identifier = table('identifier', [text('value')])
const NAMES = { party: ['id', 'name'], identifier: ['id', 'value'] }

const sourceRow = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    version: fc.constantFrom(null, 'v1', 'v2', 'v3'),
    fate: fc.constantFrom('load', 'load', 'load', 'load', 'filtered', 'rejected', 'deleted'),
    name: fc.constantFrom(null, 'Ada', 'ada', ''),
    values: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
  })
  .map(({ key, version, fate, name, values }): SourceRow => {
    if (fate !== 'load') return { key, version, fate: fate as SourceRow['fate'] }
    const identifiers = values.map((value) => ({ id: `${key}#${value}`, value: `${value}${version}` }))
    return { key, version, fate, rows: { party: [{ id: key, name }], identifier: identifiers } }
  })

/** Commits of batches of rows. */
const history = fc.array(
  fc.array(
    fc.record({
      rows: fc.array(sourceRow, { maxLength: 5 }),
      // What the loader is told may be wrong.
      staged: fc.constantFrom('append', 'merge'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 1, maxLength: 5 },
)

interface Stored {
  key: string
  version: string | null
  deleted: boolean
  content: string | null
}

/** The stored rows by table and id. */
class Model {
  readonly tables: Record<string, Map<string, Stored>> = { party: new Map(), identifier: new Map() }

  commit(rows: SourceRow[]): Partial<LoadCounts> {
    const counts = { read: rows.length, loaded: 0, unchanged: 0, superseded: 0, filtered: 0, rejected: 0 }
    for (const { fate = 'load', ...row } of this.winners(rows, counts)) {
      const own = Object.values(this.tables).flatMap((it) =>
        [...it.values()].filter((old) => old.key === row.key),
      )
      if (own.some((old) => old.version !== null && row.version != null && old.version > row.version)) {
        counts.superseded += 1
        continue
      }
      const touched = this.replace(row)
      if (fate === 'filtered') counts.filtered += 1
      else counts[touched ? 'loaded' : 'unchanged'] += 1
    }
    return counts
  }

  private winners(rows: SourceRow[], counts: { rejected: number; superseded: number }): SourceRow[] {
    const winners = new Map<string, SourceRow>()
    for (const row of rows) {
      const before = winners.get(row.key)
      if (row.fate === 'rejected') counts.rejected += 1
      else {
        if (before) counts.superseded += 1
        if (!(before?.version != null && row.version != null && row.version < before.version))
          winners.set(row.key, row)
      }
    }
    return [...winners.values()]
  }

  private replace({ key, version = null, rows = {} }: SourceRow): boolean {
    let touched = false
    for (const [name, stored] of Object.entries(this.tables)) {
      const made = new Map(
        (rows[name] ?? []).map((it) => [
          String(it['id']),
          (it['name'] ?? it['value'] ?? null) as string | null,
        ]),
      )
      for (const [id, content] of made) {
        const old = stored.get(id)
        if (!old || old.deleted || old.content !== content) touched = true
        stored.set(id, { key, version, deleted: false, content })
      }
      for (const [id, old] of stored) {
        if (old.key !== key || made.has(id)) continue
        if (!old.deleted) touched = true
        stored.set(id, { ...old, version, deleted: true })
      }
    }
    return touched
  }

  rows(name: string): Row[] {
    return [...this.tables[name]!]
      .map(([id, { key, version, deleted, content }]) => ({
        id,
        source_id: key,
        _version: version,
        deleted,
        content,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  let count = 0
  beforeAll(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, {
      party: [party, NAMES.party],
      identifier: [identifier, NAMES.identifier],
    })
  })
  afterAll(() => here.drop())

  const empty = () => emptied(here.session, [party, identifier], [])

  async function stored(of: typeof party, content: string): Promise<Row[]> {
    const rows = await partRows(here.session, of, ['id', 'source_id', '_version', 'deleted_at', content])
    return rows.map(({ deleted_at, [content]: value, ...row }) => ({
      ...row,
      deleted: deleted_at !== null,
      content: value!,
    }))
  }

  // A part of which no source row makes two rows leads a commit: the second one only now and then.
  test.each([
    ['party first', (parts: Ready['parts']) => parts],
    ['identifier first', (parts: Ready['parts']) => parts.toReversed()],
  ])(
    'any history of commits leaves what a simple model says, and counts every source row: %s',
    async (_, inOrder) => {
      const loader = await here.session.loader(inOrder(it.parts))
      await fc.assert(
        fc.asyncProperty(history, async (commits) => {
          await loader.reset()
          await empty()
          const model = new Model()
          for (const [i, batches] of commits.entries()) {
            // Only into an empty part rows are appended.
            const appends = i === 0 && batches.some((it) => it.staged === 'append')
            for (const { rows, staged } of batches)
              await loader.stage(batch(rows, NAMES), appends ? staged : 'merge')
            count += 1
            const outcome = await here.session.commit(`history ${count}`, it.fence, async (tx) => ({
              ...(await loader.apply(tx, { mode: appends ? 'append' : 'merge', runId: 'r' })),
            }))
            expect('done' in outcome && outcome.done).toMatchObject(
              model.commit(batches.flatMap((some) => some.rows)),
            )
          }
          expect(await stored(party, 'name')).toEqual(model.rows('party'))
          expect(await stored(identifier, 'value')).toEqual(model.rows('identifier'))
        }),
        { numRuns: 20 },
      )
    },
    120_000,
  )
})
