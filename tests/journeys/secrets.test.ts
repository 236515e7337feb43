import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CRM_FILES } from '../support/crm.ts'
import { freshPostgres, type TestDatabase } from '../support/databases.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse } from '../support/warehouse.ts'

/** Characters that URL, JSON and shell escaping each write differently. */
const PASSWORD = `canary+${randomBytes(6).toString('hex')}/"pass`
const NAME = `Canaryname${randomBytes(6).toString('hex')}`
const EMAIL = `canary.${randomBytes(6).toString('hex')}@example.org`
const BORN = `canary-born-${randomBytes(4).toString('hex')}`

const encoded = encodeURIComponent(PASSWORD)
const SECRETS = [
  PASSWORD,
  encoded,
  JSON.stringify(PASSWORD).slice(1, -1),
  Buffer.from(PASSWORD).toString('base64').replace(/=+$/, ''),
]
const PERSONAL = [NAME, EMAIL, BORN]

let source: TestDatabase
let warehouse: TestWarehouse
let project: TestProject
let role = ''

beforeAll(async () => {
  source = await freshPostgres('canary')
  role = `canary_${randomBytes(4).toString('hex')}`
  const quoted = PASSWORD.replaceAll("'", "''")
  await source.query(`
    create table people (person_id integer primary key, name text, email text, born text);
    insert into people values (1, '${NAME}', '${EMAIL}', '${BORN}'), (2, 'Bea', 'bea@example.org', '1990-01-01');
    create role ${role} login password '${quoted}';
    grant select on people to ${role};`)
  const url = new URL(source.url)
  url.username = role
  url.password = encoded
  warehouse = await freshWarehouse('duckdb')
  project = await warehouseProject(
    warehouse,
    { ...CRM_FILES, 'config/connections.yaml': CONNECTIONS },
    { env: { CRM_DB_URL: url.href, BROKEN_URL: brokenUrl(url) } },
  )
})
afterAll(async () => {
  await project.remove()
  await warehouse.drop()
  await source.query(`drop owned by ${role}; drop role ${role};`)
  await source.drop()
})

const CONNECTIONS = `${CRM_FILES['config/connections.yaml']}gone_db:
  connector: postgres
  url: \${env:BROKEN_URL}
`

/** Nobody listens on port 1: the driver's own message may quote what it was given. */
function brokenUrl(good: URL): string {
  const broken = new URL(good)
  broken.port = '1'
  return broken.href
}

/** Every command of a user's day, the unhappy ones among them. */
const COMMANDS = [
  ['validate'],
  ['connect', 'test'],
  ['connect', 'discover', 'crm_db'],
  ['connect', 'discover', 'crm_db', 'public.people'],
  ['connect', 'discover', 'gone_db'],
  ['plan'],
  ['run'],
  ['run', '--full'],
  ['run', 'nothing'],
  ['status'],
  ['runs', 'list'],
  ['rejects', 'list'],
  ['validate', 'no', 'such', 'words'],
]

test('no command prints a secret or personal data, whatever happens and however it is asked', async () => {
  const leaks: string[] = []
  let printed = 0
  for (const words of COMMANDS) {
    for (const style of [[], ['--json'], ['--log-format', 'json']]) {
      const { stdout, stderr } = await project.polder([...words, ...style], { env: { POLDER_DEBUG: '1' } })
      printed += stdout.length + stderr.length
      leaks.push(
        ...found(`polder ${[...words, ...style].join(' ')}`, stdout + stderr, [...SECRETS, ...PERSONAL]),
      )
    }
  }
  expect(leaks).toEqual([])
  expect(printed).toBeGreaterThan(1_000)
})

test('a preview shows rows to the one who asks, and still no secret', async () => {
  const { code, stdout, stderr } = await project.polder(['preview', 'crm.people', '--rows', '2'])
  expect(code, stderr).toBe(0)
  expect(found('preview', stdout + stderr, SECRETS)).toEqual([])
})

test('the rejected row is there, and is shown only when asked for', async () => {
  const hidden = await project.polder(['rejects', 'list', '--json'])
  expect(hidden.stdout).toContain('birth_date')
  expect(found('rejects list', hidden.stdout, PERSONAL)).toEqual([])
  const revealed = await project.polder(['rejects', 'list', '--reveal', '--json'])
  for (const it of PERSONAL) expect(revealed.stdout).toContain(it)
})

test('a broken mapping and a literal secret are told without their values', async () => {
  const literal = CONNECTIONS.replace('${env:CRM_DB_URL}', `postgres://someone:${encoded}@127.0.0.1/x`)
  await project.write({ 'config/connections.yaml': literal })
  const { code, stdout, stderr } = await project.polder(['validate'])
  expect(code).toBe(2)
  expect(found('validate', stdout + stderr, SECRETS)).toEqual([])
  await project.write({ 'config/connections.yaml': CONNECTIONS })
})

test('no secret lies in the project’s cache or in the warehouse’s state', async () => {
  await project.polder(['run'])
  const files = await readdir(project.root, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    files
      .filter((it) => it.isFile())
      .map(async (it) => [it.name, await readFile(join(it.parentPath, it.name), 'latin1')] as const),
  )
  expect(texts.flatMap(([name, text]) => found(name, text, SECRETS))).toEqual([])
  await inWarehouse(warehouse, async (session) => {
    for (const name of ['runs', 'run_datasets', 'batches', 'checkpoints', 'changes', 'parts']) {
      const rows = await session.query(`select * from ${session.dialect.relation(session.internal, name)}`)
      expect(found(name, JSON.stringify(rows), [...SECRETS, ...PERSONAL])).toEqual([])
    }
  })
})

/** Which of `values` stand in `text`, with where; never the values. */
function found(where: string, text: string, values: string[]): string[] {
  return values.flatMap((value, i) => {
    const at = text.indexOf(value)
    return at < 0 ? [] : [`${where}: canary ${i} after "${text.slice(Math.max(0, at - 60), at)}"`]
  })
}
