import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyProject, type TestProject } from '../support/project.ts'

let project: TestProject
beforeAll(async () => {
  project = await emptyProject()
})
afterAll(() => project.remove())

const PIPELINE = 'pipelines/customers.yaml'

test('from nothing to rows in the warehouse, with a mistake on the way', async () => {
  const init = await project.polder(['init'])
  expect(init.code, init.stderr).toBe(0)
  expect(init.stdout).toContain('polder run')
  const good = await readFile(join(project.root, PIPELINE), 'utf8')

  const connect = await project.polder(['connect', 'test'])
  expect(connect.code, connect.stderr).toBe(0)
  expect(connect.stdout).toContain('exports')

  const line = 1 + good.split('\n').findIndex((it) => it.includes('given_name: first_name'))
  await project.write({ [PIPELINE]: good.replace('given_name: first_name', 'given_name: first_nme') })
  const typo = await project.polder(['validate'])
  expect(typo.code).toBe(2)
  const told = typo.stdout + typo.stderr
  expect(told).toContain(`${PIPELINE}:${line}:`)
  expect(told).toMatch(/\^{9}/)
  expect(told).toMatch(/first_name/)
  const asData = await project.json(['validate'])
  expect(asData.problems[0]).toMatchObject({ severity: 'error', file: PIPELINE, line })

  await project.write({ [PIPELINE]: good })
  const valid = await project.polder(['validate'])
  expect(valid.code, valid.stdout + valid.stderr).toBe(0)

  const test = await project.polder(['test'])
  expect(test.code, test.stdout + test.stderr).toBe(0)

  const plan = await project.polder(['plan'])
  expect(plan.code, plan.stderr).toBe(0)
  expect(plan.stdout).toContain('party')

  const run = await project.polder(['run'])
  expect(run.code, run.stderr).toBe(0)
  expect(run.stdout + run.stderr).toMatch(/loaded 3/)

  const status = await project.polder(['status'])
  expect(status.code).toBe(0)
  expect(status.stdout).toContain('customers')

  const rows = await query(join(project.root, 'warehouse.duckdb'))
  expect(rows).toEqual([
    { given_name: 'Ada', status: 'customer', email: 'ada@example.com' },
    { given_name: 'Alan', status: 'customer', email: 'alan@example.com' },
    { given_name: 'Grace', status: 'lead', email: null },
  ])
})

/** As an analyst would: any DuckDB client on the file, names as the documentation has them. */
async function query(path: string): Promise<unknown[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(
      `select p.given_name, p.status, i.value as email
         from customer.party p left join customer.identifier i on i.party_id = p.id and i.type = 'email'
        order by p.source_id`,
    )
    return reader.getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

test('help is there at once, and an unknown command is told from a wrong file', async () => {
  const help = await project.polder(['--help'])
  expect(help.code).toBe(0)
  for (const group of ['Build', 'Run', 'Repair']) expect(help.stdout).toContain(group)
  const unknown = await project.polder(['rnu'])
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('run')
})
