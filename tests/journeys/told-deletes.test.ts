import { afterAll, describe, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import { registry } from '../../app/registry.ts'
import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { Journal } from '../support/journal.ts'
import { well } from '../support/people.ts'
import { warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, WAREHOUSES } from '../support/warehouse.ts'

readerContract('a journal', async () => {
  const journal = new Journal()
  for (let id = 1; id <= 12; id++) journal.put(id, `Name ${id}`)
  journal.put(3, 'Name 3')
  const rows = journal.rows().map(({ gone: _, ...row }) => row)
  journal.put(99, 'Not for long')
  journal.remove(99)
  const reader = journal.connector().open({ connection: 'c', root: '/', options: {} })
  const people = { ref: 'p.people', from: 'people' }
  const position = { kind: 'keyset' as const, mark: '12', key: [], inclusive: true }
  return {
    reader,
    full: { dataset: people, rows },
    told: {
      dataset: { ...people, cursor: 'seq', deletes: 'source' as const },
      since: { v: 1 as const, position, readStartedAt: '2026-01-01T00:00:00.000000Z' },
      rows: [
        { row: rows[11]!, gone: false },
        { row: rows[2]!, gone: false },
        { row: { id: 99 }, gone: true },
      ],
    },
    empty: { ref: 'p.nothing', from: 'nothing' },
    misspelt: { dataset: { ref: 'p.x', from: 'peple' }, nearest: 'people' },
    close: () => reader.close(),
  }
})

const PIPELINE = `pipeline: shop
connection: journal
datasets:
  people:
    from: people
    cursor: seq
    deletes: source
    to:
      party:
        kind: { is: person }
        given_name: name
`

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

describe.each(WAREHOUSES)('%s', (name) => {
  test('deletes: source deletes what the source tells, and keeps what comes back', async () => {
    const journal = new Journal()
    Object.assign(registry.connectors, { journal: journal.connector() })
    const warehouse = await freshWarehouse(name)
    const project = await warehouseProject(warehouse, {
      'config/connections.yaml': 'journal:\n  connector: journal\n',
      'pipelines/shop.yaml': PIPELINE,
    })
    undo.push(warehouse.drop, project.remove)
    const options = {
      full: false,
      allowShrink: false,
      signal: new AbortController().signal,
      onEvent: () => {},
    }
    const open = async () => openProject(project.root, { env: { ...process.env, ...project.env } })
    const run = async () => {
      const polder = await open()
      return well(await polder.run([], options).finally(() => polder.close()))
    }
    const names = () =>
      inWarehouse(warehouse, async (session) => {
        const party = session.dialect.relation(session.schema, 'party')
        const rows = await session.query<{ name: string }>(
          `select given_name as name from ${party} where deleted_at is null`,
        )
        return rows.map((it) => it.name).sort()
      })
    for (const [id, who] of ['Ada', 'Grace', 'Edsger'].entries()) journal.put(id + 1, who)
    await run()
    journal.remove(1)
    journal.remove(2)
    journal.remove(77)
    journal.put(2, 'Grace H.')
    expect((await run()).datasets[0]).toMatchObject({
      mode: 'incremental',
      tables: { party: { deleted: 1 } },
    })
    expect(await names()).toEqual(['Edsger', 'Grace H.'])
    const polder = await open()
    const { datasets } = await polder.plan([]).finally(() => polder.close())
    expect(datasets[0]!.deletes).toMatchObject({ next: 'none', told: 'source' })
  })
})
