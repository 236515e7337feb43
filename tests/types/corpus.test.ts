import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../core/value.ts'
import type { TestDatabase } from '../support/databases.ts'
import { WAREHOUSES } from '../support/warehouse.ts'
import { type Outcome, SOURCES, type SourceName, type TypeCase } from './case.ts'
import { FAMILIES } from './corpus/families.ts'
import { type Loaded, loadedProject, type Reject } from './harness.ts'
import { datasetOf, isIn, projectFiles, tableOf, type Way, waysOf } from './project-files.ts'
import { mysqlTables, postgresTables, sqliteTables } from './sources/databases.ts'
import { parquetFiles, textFiles } from './sources/files.ts'

let databases: TestDatabase[] = []
let env: Record<string, string>

beforeAll(async () => {
  databases = await Promise.all([postgresTables(FAMILIES), mysqlTables(FAMILIES)])
  env = { TYPES_POSTGRES_URL: databases[0]!.url, TYPES_MYSQL_URL: databases[1]!.url }
}, 60_000)
afterAll(() => Promise.all(databases.map((it) => it.drop())))

async function files(folder: string): Promise<void> {
  sqliteTables(`${folder}/types.db`, FAMILIES)
  await parquetFiles(folder, FAMILIES)
  await textFiles(folder, FAMILIES)
}

/** What became of one case, as far as its outcome speaks of it. */
type Found = { stored?: unknown; rejected?: string; counted: string[] }

describe.each(WAREHOUSES)('%s', (warehouse) => {
  let loaded: Loaded
  let rejects: Reject[]
  let changes: Map<string, number>
  const rows = new Map<string, Map<string, Row>>()

  beforeAll(async () => {
    loaded = await loadedProject(warehouse, projectFiles(FAMILIES, warehouse), env, files)
    const report = await loaded.run()
    const failed = report.datasets.filter((it) => it.status !== 'ok')
    expect(failed.map((it) => [it.dataset, it.problem])).toEqual([])
    rejects = await loaded.rejects()
    changes = await loaded.changes()
    for (const family of Object.keys(FAMILIES)) rows.set(family, await loaded.rows(tableOf(family)))
  }, 240_000)
  afterAll(() => loaded?.drop())

  const found = (it: TypeCase, source: SourceName, family: string, way: Way): Found => {
    const dataset = datasetOf(source, family, way)
    const row = rows.get(family)!.get(`${dataset.replace('.', ':')}:${it.name}`)
    const reject = rejects.find((one) => one.dataset === dataset && one.sourceId === it.name)
    const prefix = `${dataset} ${it.name} `
    const counted = [...changes].filter(([name]) => name.startsWith(prefix))
    return {
      ...(row ? { stored: row[it.name] } : {}),
      ...(reject ? { rejected: `${reject.code} ${reject.column}` } : {}),
      counted: counted.map(([name, times]) => `${name.slice(prefix.length)} ${times}`),
    }
  }
  const unread = (dataset: string): string[] =>
    rejects.filter((it) => it.dataset === dataset && it.column === null).map((it) => it.code)

  describe.each(Object.entries(FAMILIES))('%s', (family, cases) => {
    test.each(SOURCES)('from %s have the outcome that the corpus states', (source) => {
      const differing = compare(cases, source, (it) => found(it, source, family, 'strict'), strictly)
      expect(differing).toEqual([])
      const dataset = datasetOf(source, family, 'strict')
      const whole = cases
        .filter((it) => isIn(it, source))
        .flatMap(({ outcome }) => ('whole' in outcome ? [outcome.reject] : []))
      expect(unread(dataset)).toEqual(whole)
    })

    const readBy = (way: Way) => SOURCES.filter((it) => waysOf(family, warehouse, it).includes(way))
    test.each(readBy('lenient'))(
      'from %s that do not fit become NULL and are counted where invalid is missing',
      (source) => {
        const differing = compare(cases, source, (it) => found(it, source, family, 'lenient'), leniently)
        expect(differing).toEqual([])
      },
    )

    test.each(readBy('rest').filter((it) => it !== 'csv'))('from %s are the same in attributes', (source) => {
      const told = cases.filter((it) => it.attribute !== undefined && isIn(it, source))
      const got = (it: TypeCase): string => {
        const row = rows.get(family)!.get(`${datasetOf(source, family, 'rest').replace('.', ':')}:${it.name}`)
        const [, text = ''] = String(row?.['attributes']).split(`"${it.name}":`)
        return text.slice(0, it.attribute!.length)
      }
      expect(Object.fromEntries(told.map((it) => [it.name, got(it)]))).toEqual(
        Object.fromEntries(told.map((it) => [it.name, it.attribute])),
      )
    })
  })
})

const isWhole = (outcome: Outcome): boolean => 'whole' in outcome

/** Cases whose outcome is another than the stated one, with both. */
function compare(
  cases: TypeCase[],
  source: SourceName,
  got: (it: TypeCase) => Found,
  stated: (it: TypeCase) => Found,
): string[] {
  const told = cases.filter((it) => isIn(it, source))
  return told.flatMap((it) => {
    const [expected, found] = [JSON.stringify(stated(it)), JSON.stringify(got(it))]
    return expected === found ? [] : [`${it.name}: ${shown(found)}, not ${shown(expected)}`]
  })
}

const shown = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text)

function strictly({ name, outcome }: TypeCase): Found {
  if ('exact' in outcome) return { stored: outcome.exact, counted: [] }
  if ('changed' in outcome) return { stored: outcome.changed, counted: [`${outcome.code} 1`] }
  return isWhole(outcome) ? { counted: [] } : { rejected: `${outcome.reject} ${name}`, counted: [] }
}

function leniently(it: TypeCase): Found {
  const { outcome } = it
  if (!('reject' in outcome) || isWhole(outcome)) return strictly(it)
  return { stored: null, counted: [`${outcome.reject} 1`] }
}
