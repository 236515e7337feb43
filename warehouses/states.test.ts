import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../core/value.ts'
import type { LoadCounts } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { testSeed } from '../tests/support/kill.ts'
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

const contact = table('contact', [text('name')])
const consent = table('consent', [text('status'), text('scope'), text('page')], 'append')
const NAMES = { contact: ['id', 'name'], consent: ['id', 'status', 'scope', 'page'] }
/** `mail` watches one column, `post` two; a row `click` watches none. */
const WATCH = [['status'], ['status', 'scope']]

/** A source row with its state, as its dataset would map it. */
interface State {
  status: string | null
  scope?: string | null
  page?: string
}

const seen = (key: string, version: string | null, mail: State, post?: State): SourceRow => ({
  key,
  version,
  rows: {
    contact: [{ id: key, name: 'Ada' }],
    consent: [
      { ...mail, id: `${key}#mail`, _watch: 1 },
      ...(post ? [{ ...post, id: `${key}#post`, _watch: 2 }] : []),
    ],
  },
})

const granted = { status: 'granted' }
const denied = { status: 'denied' }

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  beforeAll(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, {
      contact: [contact, NAMES.contact],
      consent: [consent, NAMES.consent, { watch: WATCH }],
    })
  })
  afterAll(() => here.drop())
  beforeEach(() => empty())

  const empty = () => emptied(here.session, [contact, consent], ['commits'])

  let commits = 0
  const commit = async (...batches: SourceRow[][]): Promise<Partial<LoadCounts>> => {
    for (const rows of batches) await it.loader.stage(batch(rows, NAMES), 'append')
    commits += 1
    const outcome = await here.session.commit(`states ${commits}`, it.fence, async (tx) => ({
      ...(await it.loader.apply(tx, { mode: 'append', runId: 'r' })),
    }))
    return 'done' in outcome ? outcome.done : outcome.already
  }

  const history = async (): Promise<string[]> =>
    (await partRows(here.session, consent, ['id', 'status', 'scope', 'deleted_at'])).map(
      (row) => `${row['id']} ${row['status']} ${row['scope']}${row['deleted_at'] === null ? '' : ' deleted'}`,
    )

  test('a row is added when the state changes, and A, B, A are three', async () => {
    expect(await commit([seen('1', 'v1', granted)])).toMatchObject({ loaded: 1, unchanged: 0 })
    expect(await commit([seen('1', 'v2', { ...granted, page: 'x' })])).toMatchObject({
      loaded: 0,
      unchanged: 1,
      parts: { consent: { inserted: 0, updated: 0 } },
    })
    await commit([seen('1', 'v3', denied)])
    await commit([seen('1', 'v3', denied)])
    await commit([seen('1', 'v4', granted)])
    expect(await history()).toEqual(['1#mail granted null', '1#mail:2 denied null', '1#mail:3 granted null'])
  })

  test('the eleventh state follows the tenth', async () => {
    for (let i = 0; i < 12; i++) await commit([seen('1', `v${10 + i}`, i % 2 ? denied : granted)])
    expect((await history()).length).toBe(12)
    expect(await history()).toContain('1#mail:12 denied null')
  })

  test('states that follow each other within one commit are all kept, and the source row counts once', async () => {
    await commit([seen('1', 'v1', granted), seen('2', 'v1', granted)])
    const counts = await commit(
      [seen('1', 'v2', denied), seen('2', 'v2', granted)],
      [seen('1', 'v3', granted), seen('2', 'v3', granted)],
    )
    expect(counts).toMatchObject({ read: 4, loaded: 1, unchanged: 1, superseded: 2 })
    expect(await history()).toEqual([
      '1#mail granted null',
      '1#mail:2 denied null',
      '1#mail:3 granted null',
      '2#mail granted null',
    ])
  })

  test('an older state that comes after a newer one adds nothing, also where the newer one added nothing', async () => {
    await commit([seen('1', 'v1', granted)])
    await commit([seen('1', 'v3', granted)])
    expect(await commit([seen('1', 'v2', denied)])).toMatchObject({ superseded: 1, loaded: 0 })
    await commit([seen('1', 'v4', denied), seen('1', 'v6', denied)])
    await commit([seen('1', 'v5', granted)])
    expect(await history()).toEqual(['1#mail granted null', '1#mail:2 denied null'])
  })

  test('an older row is late where nothing but the history is stored of its source row', async () => {
    const alone = (version: string, status: string): SourceRow => ({
      key: '1',
      version,
      rows: { consent: [{ id: '1#mail', status, _watch: 1 }] },
    })
    await commit([alone('v1', 'granted'), alone('v3', 'granted')])
    await commit([alone('v2', 'denied')])
    expect(await history()).toEqual(['1#mail granted null'])
  })

  test('an older row is late even where its state was never stored', async () => {
    await commit([{ key: '1', version: 'v3', rows: { contact: [{ id: '1', name: 'Ada' }] } }])
    await commit([
      seen('1', 'v2', granted),
      { key: '1', version: 'v4', rows: { contact: [{ id: '1', name: 'Bea' }] } },
    ])
    expect(await history()).toEqual([])
  })

  test('a missing value is a state of its own, but not the first one', async () => {
    expect(await commit([seen('1', 'v1', { status: null })])).toMatchObject({
      parts: { consent: { inserted: 0 } },
    })
    await commit([seen('1', 'v2', granted)])
    await commit([seen('1', 'v3', { status: null })])
    await commit([seen('1', 'v4', { status: null })])
    await commit([seen('1', 'v5', granted)])
    expect(await history()).toEqual(['1#mail granted null', '1#mail:2 null null', '1#mail:3 granted null'])
  })

  test('of several watched columns any one adds a row, and each row watches its own', async () => {
    await commit([seen('1', 'v1', { status: 'granted', scope: 'a' }, { status: 'granted', scope: 'a' })])
    await commit([seen('1', 'v2', { status: 'granted', scope: 'b' }, { status: 'granted', scope: 'b' })])
    expect(await history()).toEqual(['1#mail granted a', '1#post granted a', '1#post:2 granted b'])
  })

  test('rows that watch nothing are kept as before, beside those that do', async () => {
    const click = (version: string, page: string): SourceRow => ({
      key: '1',
      version,
      rows: {
        consent: [
          { id: '1#click', page },
          { ...granted, id: '1#mail', _watch: 1 },
        ],
      },
    })
    await commit([click('v1', 'x')])
    await commit([click('v2', 'y')])
    expect((await history()).map((row) => row.split(' ')[0])).toEqual(['1#click', '1#click~1', '1#mail'])
  })

  test('a row that is deleted, leaves the scope or is swept keeps its history, and comes back to it', async () => {
    const { session } = here
    await commit([seen('1', 'v1', granted), seen('2', 'v1', granted), seen('3', 'v1', granted)])
    await commit([
      { key: '1', version: 'v2', fate: 'deleted' },
      { key: '2', version: 'v2', fate: 'filtered' },
    ])
    const startedAt = await session.clock()
    const scan = { id: 'all', startedAt, maxDrop: 1, runId: 'r' }
    await session.commit(`sweep ${commits}`, it.fence, async (tx) => ({
      ...(await it.loader.sweep(tx, scan)),
    }))
    await commit([seen('1', 'v3', granted), seen('2', 'v3', denied), seen('3', 'v3', granted)])
    expect(await history()).toEqual([
      '1#mail granted null',
      '2#mail granted null',
      '2#mail:2 denied null',
      '3#mail granted null',
    ])
  })

  test('a state that was followed by a filtered row is kept, and the row counts as filtered', async () => {
    const counts = await commit([seen('1', 'v1', granted), { key: '1', version: 'v2', fate: 'filtered' }])
    expect(counts).toMatchObject({ read: 2, loaded: 0, unchanged: 0, superseded: 1, filtered: 1 })
    expect(await history()).toEqual(['1#mail granted null'])
  })

  test('a commit that fails adds nothing, and its repetition adds once', async () => {
    await commit([seen('1', 'v1', granted)])
    await it.loader.stage(batch([seen('1', 'v2', denied)], NAMES))
    const attempt = (id: string, fails: boolean) =>
      here.session.commit(id, it.fence, async (tx) => {
        await it.loader.apply(tx, { mode: 'merge', runId: 'r' })
        if (fails) throw new Error('on purpose')
        return {}
      })
    await expect(attempt('fails', true)).rejects.toThrow('on purpose')
    expect(await history()).toEqual(['1#mail granted null'])
    await attempt('works', false)
    expect(await history()).toEqual(['1#mail granted null', '1#mail:2 denied null'])
  })

  test('whatever comes, in whatever commits, the history is what its definition says', async () => {
    const seed = testSeed()
    process.stdout.write(`${kind}: POLDER_TEST_SEED=${seed}\n`)
    const property = fc.asyncProperty(
      first,
      fc.array(fc.array(arrival, { maxLength: 6 }), { maxLength: 6 }),
      async (begin, later) => {
        await empty()
        const all = [begin, ...later]
        for (const rows of all) {
          const half = Math.floor(rows.length / 2)
          const counts = await commit(rows.slice(0, half).map(sourceRow), rows.slice(half).map(sourceRow))
          const { loaded = 0, unchanged = 0, superseded = 0, filtered = 0, rejected = 0 } = counts
          expect(loaded + unchanged + superseded + filtered + rejected).toBe(rows.length)
          expect(Math.min(loaded, unchanged)).toBeGreaterThanOrEqual(0)
        }
        expect(await history()).toEqual(defined(all.flat()))
      },
    )
    await fc.assert(property, { seed, numRuns: 20 })
  }, 60_000)
})

interface Arrival extends State {
  key: string
  version: string
  fate: 'load' | 'deleted' | 'filtered' | 'rejected'
}

const value = fc.constantFrom(null, 'A', 'B')
/** What comes first is stored: of a row that was never loaded nobody can tell later how old it was. */
const first = fc.tuple(
  ...['a', 'b'].map((key) =>
    fc.record({
      key: fc.constant(key),
      version: fc.constant('v1'),
      fate: fc.constant('load' as const),
      status: value,
      scope: value,
    }),
  ),
)
const arrival: fc.Arbitrary<Arrival> = fc.record({
  key: fc.constantFrom('a', 'b'),
  version: fc.constantFrom('v1', 'v2', 'v3', 'v4', 'v5'),
  fate: fc.constantFrom('load', 'load', 'load', 'load', 'deleted', 'filtered', 'rejected'),
  status: value,
  scope: value,
})

const sourceRow = ({ key, version, fate, ...state }: Arrival): SourceRow =>
  fate === 'load' ? seen(key, version, state, state) : { key, version, fate }

/** The plain definition: row after row, never back, only what differs from the last. */
function defined(arrivals: Arrival[]): string[] {
  const rows: Row[] = []
  const newest = new Map<string, string>()
  for (const { key, version, fate, status, scope = null } of arrivals) {
    if (fate === 'rejected' || version < (newest.get(key) ?? '')) continue
    newest.set(key, version)
    if (fate !== 'load') continue
    for (const [at, as] of ['mail', 'post'].entries()) {
      const own = rows.filter((it) => it['base'] === `${key}#${as}`)
      const last = own.at(-1) ?? { status: null, scope: null }
      if (WATCH[at]!.every((name) => last[name] === { status, scope }[name])) continue
      rows.push({ base: `${key}#${as}`, number: own.length + 1, status, scope })
    }
  }
  return rows
    .map(
      (it) => `${it['base']}${it['number'] === 1 ? '' : `:${it['number']}`} ${it['status']} ${it['scope']}`,
    )
    .sort((a, b) => (a.split(' ')[0]! < b.split(' ')[0]! ? -1 : 1))
}
