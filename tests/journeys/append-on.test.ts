import { afterAll, describe, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { Counts } from '../../core/counts.ts'
import type { FaultPoint } from '../../core/fault.ts'
import { freshPostgres } from '../support/databases.ts'
import { diedAt, runKilledAt, seededRandom, testSeed } from '../support/kill.ts'
import { counterFaults } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, unifiedRows, WAREHOUSES } from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const pipeline = (purpose = 'newsletter') => `pipeline: crm
connection: crm_db
datasets:
  contacts:
    from: contacts
    cursor: updated_at
    deletes: gone
    to:
      party:
        kind: { is: person }
        given_name: name
        same_as: $ref("contacts", merged_into)
      consent_event:
        append_on: [status, channel]
        purpose: { is: ${purpose} }
        channel: channel
        status: 'opted_in = true ? "granted" : opted_in = false ? "withdrawn"'
tests:
  - name: consent is a history, and a merge outlives its loser
    steps:
      - given:
          contacts:
            - { id: 1, name: Ada, opted_in: true, updated_at: 2024-01-01T00:00:00Z }
            - { id: 2, name: Ada L., updated_at: 2024-01-01T00:00:00Z }
        expect:
          consent_event: [ { status: granted, occurred_at: 2024-01-01T00:00:00Z } ]
      - given:
          contacts:
            - { id: 1, name: Ada B., opted_in: true, updated_at: 2024-02-01T00:00:00Z }
            - { id: 2, name: Ada L., gone: true, merged_into: 1, updated_at: 2024-02-01T00:00:00Z }
        expect:
          consent_event: [ { status: granted, occurred_at: 2024-01-01T00:00:00Z } ]
          party: [ { id: crm:contacts:1 } ]
          relationship: [ { from_id: crm:contacts:2, to_id: crm:contacts:1, type: same_as } ]
      - given:
          contacts:
            - { id: 1, name: Ada B., opted_in: false, updated_at: 2024-03-01T00:00:00Z }
        expect:
          consent_event:
            - { id: crm:contacts:1, status: granted }
            - { id: "crm:contacts:1:2", status: withdrawn, occurred_at: 2024-03-01T00:00:00Z }
`

const TABLE = `create table contacts (id int primary key, name text, opted_in boolean, channel text, merged_into int,
  gone boolean not null default false, updated_at timestamptz not null);
  insert into contacts select i, 'N' || i, i % 3 > 0, 'email', null, false, '2024-01-01T00:00:00Z' from generate_series(1, 40) i`

/** Where a run dies while it loads: before, in and after the transaction that adds the rows. */
const POINTS: FaultPoint[] = ['K5', 'K6', 'K7', 'K8']

async function setUp(name: (typeof WAREHOUSES)[number], commitRows?: number) {
  const warehouse = await freshWarehouse(name)
  const source = await freshPostgres('contacts')
  await source.query(TABLE)
  const files = {
    'config/connections.yaml': 'crm_db:\n  connector: postgres\n  url: ${env:CRM_DB_URL}\n',
    'pipelines/crm.yaml': pipeline(),
  }
  const project = await warehouseProject(warehouse, files, { commitRows, env: { CRM_DB_URL: source.url } })
  undo.push(source.drop, warehouse.drop, project.remove)
  return { warehouse, source, project }
}

/** A run inside this process, which is dear to start. */
async function run(project: TestProject, full = false): Promise<Counts> {
  const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
  const options = { full, allowShrink: false, signal: new AbortController().signal, onEvent: () => {} }
  const report = await polder.run([], options).finally(() => polder.close())
  expect(report.status, JSON.stringify(report.datasets.map((it) => it.problem))).toBe('ok')
  return report.counts
}

describe.each(WAREHOUSES)('%s', (name) => {
  test('a watched state gives one row for every change, whatever is read again or killed in between', async () => {
    const seed = testSeed()
    console.info(`${name}: POLDER_TEST_SEED=${seed}`)
    const random = seededRandom(seed)
    const { warehouse, source, project } = await setUp(name, 7)
    const expected = new Map<number, string[]>()
    for (let id = 1; id <= 40; id++) expected.set(id, [`${id % 3 > 0 ? 'granted' : 'withdrawn'} email 01`])
    const set = async (id: number, opted: boolean | null, month: string) => {
      const mark = `2024-${month}-01T00:00:00Z`
      await source.query(`update contacts set opted_in = ${opted}, updated_at = '${mark}' where id = ${id}`)
    }
    const change = async (id: number, month: string) => {
      const rows = expected.get(id)!
      const granted = rows.at(-1)!.startsWith('granted')
      rows.push(`${granted ? 'withdrawn' : 'granted'} email ${month}`)
      await set(id, !granted, month)
    }
    const check = async () => {
      const { events, faults } = await inWarehouse(warehouse, async (session) => ({
        events: await unifiedRows(session, 'consent_event'),
        faults: await counterFaults(session),
      }))
      const found = new Map<number, string[]>()
      const order = (id: string) => Number(id.split(':')[3] ?? 1)
      events.sort((a, b) => order(String(a['id'])) - order(String(b['id'])))
      for (const it of events) {
        expect(it).toMatchObject({ purpose: 'newsletter', party_id: `crm:contacts:${it['source_id']}` })
        const id = Number(it['source_id'])
        const month = String(it['occurred_at']).slice(5, 7)
        found.set(id, [...(found.get(id) ?? []), `${it['status']} ${it['channel']} ${month}`])
      }
      expect(found).toEqual(expected)
      expect(faults).toEqual([])
    }

    const first = await runKilledAt(project, POINTS[Math.floor(random() * POINTS.length)]!, 3)
    expect(first.signal).toBe('SIGKILL')
    await run(project)
    await check()

    for (const id of [3, 10, 20, 21, 39]) await change(id, '02')
    const point = POINTS[Math.floor(random() * POINTS.length)]!
    expect(diedAt(await runKilledAt(project, point), point)).toBe(true)
    await run(project)
    await check()

    // A, B, A; a missing state, which the table cannot hold; a row that goes and comes back.
    for (const id of [3, 10]) await change(id, '03')
    await set(20, null, '03')
    await source.query(`update contacts set gone = true, updated_at = '2024-03-01T00:00:00Z' where id = 39`)
    await run(project)
    await set(20, expected.get(20)!.at(-1)!.startsWith('granted'), '04')
    await source.query(`update contacts set gone = false, updated_at = '2024-04-01T00:00:00Z' where id = 39`)
    await source.query('delete from contacts where id = 40')
    await run(project)
    expect(await run(project, true)).toMatchObject({ read: 39, loaded: 0, unchanged: 39 })
    await check()

    // Another mapping of what is not watched reads everything again and adds nothing.
    await project.write({ 'pipelines/crm.yaml': pipeline('news') })
    expect(await run(project)).toMatchObject({ read: 39, loaded: 0 })
    await check()
  })

  test('a merge that the source tells outlives the loser, its sweep and every full read', async () => {
    const { warehouse, source, project } = await setUp(name)
    const links = () =>
      inWarehouse(warehouse, async (session) => ({
        parties: (await unifiedRows(session, 'party')).length,
        links: (await unifiedRows(session, 'relationship')).map(
          (it) => `${it['id']}: ${it['from_id']} is ${it['to_id']} (${it['type']})`,
        ),
      }))
    await run(project)
    expect(await links()).toEqual({ parties: 40, links: [] })
    // One loser is told by its tombstone, one lives on for a while, one names itself.
    await source.query(
      `update contacts set merged_into = 1, gone = id = 2, updated_at = '2024-02-01T00:00:00Z' where id in (1, 2, 3)`,
    )
    await run(project)
    const both = ['crm:contacts:2:same_as: crm:contacts:2 is crm:contacts:1 (same_as)']
    both.push('crm:contacts:3:same_as: crm:contacts:3 is crm:contacts:1 (same_as)')
    expect(await links()).toEqual({ parties: 39, links: both })
    await source.query('delete from contacts where id in (2, 3)')
    for (let i = 0; i < 2; i++) {
      await run(project, true)
      expect(await links()).toEqual({ parties: 38, links: both })
    }
    await source.query(
      `insert into contacts values (3, 'N3', true, 'email', null, false, '2024-03-01T00:00:00Z')`,
    )
    await run(project)
    expect(await links()).toEqual({ parties: 39, links: both.slice(0, 1) })
  })
})

test('a test of the pipeline shows the history in its steps', async () => {
  const { project } = await setUp('duckdb')
  const planned = await project.json<{ datasets: { parts: { table: string; appendOn?: string[] }[] }[] }>([
    'plan',
  ])
  const parts = planned.result.datasets[0]!.parts
  expect(parts.find((it) => it.table === 'consent_event')!.appendOn).toEqual(['status', 'channel'])
  const tested = await project.json<{ tests: { differences: string[] }[]; passed: number }>(['test'])
  expect(tested.result).toMatchObject({ passed: 1, failed: 0 })
  const preview = await project.json<{ rows: { out: Record<string, unknown> }[] }>([
    'preview',
    'crm.contacts',
  ])
  expect(preview.result.rows[0]!.out).toMatchObject({
    consent_event: [{ status: 'granted', channel: 'email' }],
  })
})
