import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshMysql, freshPostgres, loadSql } from './databases.ts'

const DUMP = `create table t (a int, b varchar(9)) ;
insert into t values (1, 'één'), (2, null);
`
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polder-databases-'))
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['PostgreSQL', freshPostgres],
  ['MariaDB', freshMysql],
])('%s: a fresh database takes a dump, answers, and is gone when dropped', async (_, fresh) => {
  const database = await fresh('dump')
  const file = join(folder, `${database.name}.sql`)
  await writeFile(file, `${database.url.startsWith('mysql') ? 'USE elsewhere;\n' : ''}${DUMP}`)
  try {
    await loadSql(database.url, file)
    const rows = await database.query<{ a: unknown; b: string | null }>('select a, b from t order by a')
    expect(rows.map((it) => [Number(it.a), it.b])).toEqual([
      [1, 'één'],
      [2, null],
    ])
  } finally {
    await database.drop()
  }
  await expect(database.query('select 1')).rejects.toThrow(/exist|unknown database/i)
})

test('a dump that fails is told with the server’s words', async () => {
  const database = await freshPostgres('broken')
  const file = join(folder, 'broken.sql')
  await writeFile(file, 'select 1;\nselect nonsense from nowhere;\n')
  try {
    await expect(loadSql(database.url, file)).rejects.toThrow(/nowhere/)
  } finally {
    await database.drop()
  }
})
