import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { warehouseAt } from '../support/warehouse.ts'

let project: TestProject

beforeEach(async () => {
  project = await emptyProject()
  await project.write({
    'polder.yaml': `${warehouseAt('./warehouse.duckdb').yaml}timezone: UTC\n`,
    'config/connections.yaml': 'own: { connector: duckdb, path: ./warehouse.duckdb }\n',
    'pipelines/own.yaml': `pipeline: own
connection: own
datasets:
  people:
    from: main.people
    to:
      party:
        kind: { is: person }
        given_name: name
`,
  })
  await makeFile(
    join(project.root, 'warehouse.duckdb'),
    "create table people (id int primary key, name text, n double); insert into people values (1, 'Ada', 2)",
  )
})
afterEach(() => project.remove())

test('eval tells the form of an expression in the SQL of the warehouse, as plan finds it', async () => {
  const polder = await openProject(project.root, { env: {} })
  const form = async (expression: string) => (await polder.eval(expression, 'own.people', { rows: 1 })).sql
  try {
    expect(await form('id + 1')).toMatchObject({
      warehouse: 'duckdb',
      verdict: 'exact',
      sql: expect.stringContaining('"id"'),
      viewable: true,
    })
    expect(await form('$uppercase(name)')).toMatchObject({
      verdict: 'guarded',
      guard: expect.stringContaining('strlen'),
    })
    expect(await form('$power(n, 2)')).toMatchObject({ verdict: 'close', guard: expect.any(String) })
    expect(await form('name & $split(name, ",")[0]')).toMatchObject({
      verdict: 'not',
      part: expect.stringContaining('$split'),
    })
    expect(await form('$self() & "!"')).toMatchObject({ verdict: 'exact' })
    const [planned] = (await polder.plan([])).datasets
    expect(planned!.road).toBe('view')
  } finally {
    await polder.close()
  }
})
