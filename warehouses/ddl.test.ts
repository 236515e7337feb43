import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../core/errors.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { Part, WarehouseSession } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { batch, KINDS, type Place, part, place, ready, rowsOf, table, text, viewRows } from './testing.ts'

const party = table('party', [text('name')])

async function make(session: WarehouseSession, of: UnifiedTable, parts: Part[]): Promise<number> {
  const steps = []
  for (const it of parts) steps.push(...(await session.partSteps(it, of)))
  await session.ddl(steps)
  const views = await session.viewSteps(of, parts)
  await session.ddl(views)
  return steps.length + views.length
}

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let session: WarehouseSession
  beforeAll(async () => {
    here = await place(kind, databases)
    session = here.session
    await session.prepare()
  })
  afterAll(() => here.drop())
  const relation = (name: string) => session.dialect.relation(session.internal, name)

  test('a unified view without parts is an empty relation with all columns', async () => {
    const of = table('nobody', [text('name')])
    await make(session, of, [])
    expect(
      await viewRows(
        session,
        of,
        of.columns.map((it) => it.name),
      ),
    ).toEqual([])
  })

  test('the view shows the live rows of all its parts and of no other', async () => {
    const of = table('union', [text('name')])
    const parts = [1, 2, 3].map((id) => part(session, of, id))
    await make(session, of, parts)
    const fence = await session.lease('shop.union', 'h:1', 60_000)
    for (const it of parts) {
      const loader = await session.loader([{ part: it, table: of, names: ['id', 'name'] }])
      await loader.stage(
        batch([{ key: '1', rows: { union: [{ id: `row ${it.id}`, name: 'x' }] } }], {
          union: ['id', 'name'],
        }),
      )
      await session.commit(`union ${it.id}`, fence, async (tx) => ({
        ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
      }))
    }
    const shown = async () => (await viewRows(session, of, ['id'])).map((row) => row['id'])
    expect(await shown()).toEqual(['row 1', 'row 2', 'row 3'])
    await make(session, of, [parts[0]!, parts[2]!])
    expect(await shown()).toEqual(['row 1', 'row 3'])
    await make(session, of, [])
    expect(await shown()).toEqual([])
    await make(session, of, parts)
    expect(await shown()).toEqual(['row 1', 'row 2', 'row 3'])
  })

  test('nothing is due the second time, and what was dropped by hand is made again', async () => {
    const own = part(session, party)
    expect(await make(session, party, [own])).toBeGreaterThan(0)
    expect(await make(session, party, [own])).toBe(0)
    await session.transaction((tx) =>
      tx.run(`drop view ${session.dialect.relation(session.schema, 'party')}`),
    )
    expect(await make(session, party, [own])).toBeGreaterThan(0)
    expect(await viewRows(session, party, ['id'])).toEqual([])
    expect(await make(session, party, [own])).toBe(0)
  })

  test('a column that the table gained comes into the part and in its place into the view', async () => {
    const before = table('grown', [text('name')])
    const after = table('grown', [
      text('first'),
      text('name'),
      { name: 'score', type: { kind: 'decimal', precision: 9, scale: 2 }, description: 'Points' },
    ])
    const own = part(session, before)
    await make(session, before, [own])
    await make(session, after, [own])
    const columns = await session.query<{ name: string }>(
      (session.dialect as unknown as { columnsOf: string }).columnsOf,
      [session.schema, 'grown'],
    )
    expect(columns.map((it) => it.name)).toEqual(after.columns.map((it) => it.name))
    await make(session, after, [own])
    expect(await make(session, after, [own])).toBe(0)
  })

  test('a column that changed its type is an error that names both types', async () => {
    const before = table('typed', [{ name: 'score', type: { kind: 'integer' }, description: 'Points' }])
    const after = table('typed', [text('score')])
    await make(session, before, [part(session, before)])
    const steps = session.partSteps(part(session, after), after)
    await expect(steps).rejects.toThrow(ConfigError)
    await expect(steps).rejects.toThrow(/E305: .*"score".*bigint.*text/i)
  })

  test('a name that the engine would cut is refused', async () => {
    const long = table('x'.repeat(300), [text('name')])
    await expect(session.viewSteps(long, [])).rejects.toMatchObject({ code: 'E609' })
    const column = table('short', [text('é'.repeat(200))])
    await expect(session.partSteps(part(session, column), column)).rejects.toMatchObject({ code: 'E609' })
  })

  test('hostile names stay names', async () => {
    const hostile = [`id","x`, 'a`b', `c'd`, '?', 'select', 'e\\f', '; drop table x; --', 'Ünï', '$1']
    const of = table(
      'hostile',
      hostile.map((name) => ({ ...text(name), description: `It's \\ "${name}" ; -- ?` })),
    )
    const own = part(session, of)
    await make(session, of, [own])
    const fence = await session.lease('shop.hostile', `o'neill:1`, 60_000)
    const names = ['id', ...hostile]
    const loader = await session.loader([{ part: own, table: of, names }])
    const row = Object.fromEntries(names.map((name) => [name, name]))
    await loader.stage(batch([{ key: `'k"\\`, rows: { hostile: [row] } }], { hostile: names }))
    await session.commit(`it's`, fence, async (tx) => ({
      ...(await loader.apply(tx, { mode: 'merge', runId: `r'1\\` })),
    }))
    expect(await viewRows(session, of, [...names, 'source_id', 'run_id'])).toEqual([
      { ...row, source_id: `'k"\\`, run_id: `r'1\\` },
    ])
    expect(await make(session, of, [own])).toBe(0)
  })

  test('every table, view and column carries its description where the engine keeps one', async () => {
    const of = table('described', [text('name')])
    await make(session, of, [part(session, of)])
    expect(await comments(session, part(session, of).form.relation)).toContain('The name')
    if (kind !== 'mysql') expect(await comments(session, 'described')).toContain('The name')
  })

  test('a failing step leaves nothing behind where DDL is transactional', async () => {
    const steps = [
      { name: 'first', sql: `create table ${relation('half')} (id int)` },
      { name: 'second', sql: 'create nonsense' },
    ]
    await expect(session.ddl(steps)).rejects.toThrow()
    const half = session.query(`select * from ${relation('half')}`)
    if (session.facts.ddlInTransaction) await expect(half).rejects.toThrow()
    else expect(await half).toEqual([])
    expect((await session.pending(steps)).map((it) => it.name)).toContain('second')
  })

  test('a second process finds everything made', async () => {
    await ready(session, { party: [party, ['id', 'name']] })
    const other = await here.again()
    await other.prepare()
    expect(await make(other, party, [part(other, party)])).toBe(0)
    expect(await rowsOf(other, { schema: other.schema, name: 'party' }, party.columns)).toEqual([])
    await other.close()
  })
})

async function comments(session: WarehouseSession, name: string): Promise<string[]> {
  const sql = {
    postgres: `select d.description as text from pg_description d join pg_class c on c.oid = d.objoid where c.relname = ?`,
    duckdb: `select comment as text from duckdb_columns() where table_name = ?`,
    mysql: `select column_comment as text from information_schema.columns where table_name = ? and table_schema = ?`,
  }[session.dialect.name as 'postgres']
  const binds = session.dialect.name === 'mysql' ? [name, session.internal] : [name]
  return (await session.query<{ text: string }>(sql, binds)).map((it) => it.text)
}
