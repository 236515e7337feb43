import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quote } from '../../warehouses/mysql/dialect.ts'
import { queryAt, type TestDatabase } from '../support/databases.ts'
import { PAIRS, type Stand } from './pairs.ts'
import { DATA, loaded, pipelineOf, SAMPLES, suiteOf, tablesOf, translated } from './real.ts'
import { sameOnAllRoads } from './roads.ts'

const isHere = existsSync(DATA)
if (!isHere) console.info('skipped: ../shared/data is not here')

/** These mappings count with numbers, and all columns of CSV are text; SQLite has no decimals and no dates. */
const pairs = PAIRS.filter((it) => it.files !== 'csv' && it.source !== 'sqlite')

let databases: TestDatabase[]
beforeAll(async () => {
  databases = isHere ? await Promise.all(SAMPLES.map(loaded)) : []
}, 120_000)
afterAll(async () => {
  for (const it of databases) await it.drop()
})

describe.skipIf(!isHere).each(pairs)('$name', (pair) => {
  test.skipIf(pair.missing !== undefined)(
    'Northwind and Sakila make the same rows on every road',
    async () => {
      const stand = await pair.open()
      try {
        for (const [i, sample] of SAMPLES.entries())
          await fill(stand, databases[i]!, await pipelineOf(sample))
        const taken = await sameOnAllRoads(pair, stand, await suiteOf(pair, stand, databases))
        console.info(pair.name, JSON.stringify(taken))
        expect(taken.views > 0).toBe(pair.roads.includes('view'))
        expect(taken.pushed > 0).toBe(pair.roads.includes('pushdown'))
      } finally {
        await stand.close()
      }
    },
    300_000,
  )
})

async function fill(stand: Stand, database: TestDatabase, pipeline: string): Promise<void> {
  const tables = tablesOf(pipeline)
  const { database: into } = stand
  const statements = into
    ? await cloned(database, into, tables)
    : (await Promise.all(tables.map((it) => translated(database, it)))).flat()
  await stand.fill(statements, tables)
}

/** Tables as they are, and views as tables. */
async function cloned(database: TestDatabase, into: string, names: string[]): Promise<string[]> {
  const views = await queryAt<{ name: string }>(
    database.url,
    `select table_name as name from information_schema.views where table_schema = '${database.name}'`,
  )
  return names.flatMap((it) => {
    const [from, to] = [`${quote(database.name)}.${quote(it)}`, `${quote(into)}.${quote(it)}`]
    return views.some(({ name }) => name === it)
      ? [`create table ${to} as select * from ${from}`]
      : [`create table ${to} like ${from}`, `insert into ${to} select * from ${from}`]
  })
}
