import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { ConnectionTest } from '../../core/report.ts'
import { serverBinaries } from '../support/binaries.ts'
import { type Authority, makeAuthority, type ServerFiles } from '../support/certificates.ts'
import { freshMysql, freshPostgres, queryAt, type TestDatabase } from '../support/databases.ts'
import { extensionFolder } from '../support/extensions.ts'
import { claimFolder } from '../support/leftovers.ts'
import { startMariadb } from '../support/mariadb-server.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { serverUser, type TestServer } from '../support/server-process.ts'
import { openKind } from '../support/warehouse.ts'

const ROWS = 3000
const KINDS = ['postgres', 'mysql'] as const
const TABLES = {
  postgres: `create table customers as select n as id, 'Ada ' || n as name from generate_series(1, ${ROWS}) n; alter table customers add primary key (id)`,
  mysql: `create table customers (id integer primary key, name text) select seq as id, concat('Ada ', seq) as name from seq_1_to_${ROWS}`,
}

const pipeline = (connection: string) => `pipeline: shop
connection: ${connection}
contract: discard_row
datasets:
  customers:
    from: customers
    load: copy
    to:
      party:
        kind: { is: person }
        full_name: name
`

const folder = extensionFolder(
  ['postgres_scanner', 'mysql_scanner'],
  'encryption of what DuckDB copies by itself',
)

let root: string
let ours: Authority
let others: Authority
beforeAll(() => {
  root = claimFolder()
  ours = makeAuthority(join(root, 'ours'), 'ours')
  others = makeAuthority(join(root, 'others'), 'others')
})
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))

/** A server that takes encrypted connections only. */
interface Guarded {
  /** With another host and parameters. */
  at(host: string, parameters?: string): string
  /** The certificate that it shows from now on. */
  shows(names: string[], expired?: boolean): Promise<void>
  stop(): Promise<void>
}

function filesFor(kind: (typeof KINDS)[number]): ServerFiles {
  const folder = join(root, `${kind}-files`)
  mkdirSync(folder)
  return { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key'), owner: serverUser(kind) }
}

const atOf =
  (server: TestServer): Guarded['at'] =>
  (host, parameters = '') =>
    server.url.replace('127.0.0.1', host) + parameters

async function guardedPostgres(): Promise<Guarded> {
  const files = filesFor('postgres')
  ours.issue(files, ['localhost'])
  const settings = ['ssl=on', `ssl_cert_file=${files.certificate}`, `ssl_key_file=${files.key}`]
  const words = settings.flatMap((it) => ['-c', it])
  const server = await startPostgres(serverBinaries(console.info).postgres, root, { words })
  const at = atOf(server)
  const loaded = async (): Promise<string> => {
    const [row] = await queryAt<{ at: string }>(
      at('127.0.0.1', '?sslmode=no-verify'),
      'select pg_conf_load_time() as at',
    )
    return row!.at
  }
  const reload = async () => {
    const before = await loaded()
    process.kill(server.pid(), 'SIGHUP')
    while ((await loaded()) === before) await sleep(20)
  }
  writeFileSync(join(server.disk, 'pg_hba.conf'), 'hostssl all all all trust\n')
  await reload()
  const shows: Guarded['shows'] = async (names, expired) => {
    ours.issue(files, names, expired)
    await reload()
  }
  return { at, shows, stop: server.stop }
}

async function guardedMariadb(): Promise<Guarded> {
  const files = filesFor('mysql')
  ours.issue(files, ['localhost'])
  const words = [
    '--ssl',
    `--ssl-cert=${files.certificate}`,
    `--ssl-key=${files.key}`,
    `--ssl-ca=${ours.file}`,
  ]
  const server = await startMariadb(serverBinaries(console.info), root, { words })
  await queryAt(server.url, 'set global require_secure_transport = on')
  const at = atOf(server)
  const shows: Guarded['shows'] = async (names, expired) => {
    ours.issue(files, names, expired)
    await queryAt(at('127.0.0.1', '?ssl={"rejectUnauthorized":false}'), 'flush ssl')
  }
  return { at, shows, stop: server.stop }
}

describe.each(KINDS)('%s', (kind) => {
  let server: Guarded
  let project: TestProject
  beforeAll(async () => {
    server = await (kind === 'postgres' ? guardedPostgres() : guardedMariadb())
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    project = await emptyProject()
  })
  afterEach(() => project.remove())

  /** MariaDB does not say why. */
  const inTheClear =
    kind === 'postgres'
      ? {
          source: /^E415 .*insists on encryption: write ssl: verify/,
          warehouse: /^E616: .*insists on encryption/,
        }
      : { source: /^E402 .*must be encrypted/, warehouse: /^E603: .*insists on encryption/ }

  const connection = (name: string, ssl?: string) =>
    `${name}:\n  connector: ${kind}\n  url: \${env:${name.toUpperCase()}}\n${ssl ? `  ssl: ${ssl}\n` : ''}`
  /** By name: url and `ssl`. */
  async function connections(all: Record<string, [url: string, ssl?: string]>): Promise<void> {
    const texts = Object.entries(all).map(([name, [, ssl]]) => connection(name, ssl))
    for (const [name, [url]] of Object.entries(all)) project.env[name.toUpperCase()] = url
    await project.write({
      'polder.yaml': 'warehouse:\n  type: duckdb\n  path: ./w.duckdb\n',
      'config/connections.yaml': texts.join(''),
      'pipelines/shop.yaml': pipeline(Object.keys(all)[0]!),
    })
  }
  /** Without our authority. */
  async function tested(): Promise<ConnectionTest[]> {
    const it = await openProject(project.root, { env: project.env })
    return it.testConnections([]).finally(() => it.close())
  }
  /** In a process that trusts our authority: why each connection is refused, by name. */
  async function testedTrusting(): Promise<Record<string, string>> {
    const { result } = await project.json<{ connections: ConnectionTest[] }>(['connect', 'test'], {
      env: { NODE_EXTRA_CA_CERTS: ours.file },
    })
    return Object.fromEntries(result.connections.map((it) => [it.connection, saidOf(it)]))
  }
  const saidOf = ({ ok, problem }: ConnectionTest) =>
    ok ? 'ok' : `${problem!.code} ${problem!.problem} ${problem!.remedy}`
  /** What the warehouse's session says to a url. */
  const warehouse = (url: string): Promise<string> =>
    openKind(kind, { schema: 'polder_customer', internal: 'polder_own' }, { url }).then(
      (it) => it.close().then(() => 'ok'),
      (error: Error) => error.message,
    )
  const trusting = (mode: string) => `?sslmode=${mode}&sslrootcert=${ours.file}`

  async function table(): Promise<TestDatabase> {
    const unchecked = kind === 'postgres' ? '?sslmode=no-verify' : '?ssl={"rejectUnauthorized":false}'
    const fresh = kind === 'postgres' ? freshPostgres : freshMysql
    const source = await fresh('shop', server.at('localhost', unchecked))
    await source.query(TABLES[kind])
    return source
  }

  test('where the certificate holds, a run reads and writes, all of it encrypted', async () => {
    await server.shows(['localhost'])
    const source = await table()
    await connections({ good: [source.url.replace(/\?.*/, ''), 'verify'] })
    const database = kind === 'postgres' ? 'postgres' : 'mysql'
    project.env['WAREHOUSE'] = server
      .at('localhost', '?sslmode=verify-full')
      .replace(`/${database}?`, `/${source.name}?`)
    await project.write({
      'polder.yaml': `warehouse:\n  type: ${kind}\n  url: \${env:WAREHOUSE}\n  schema: ${kind === 'mysql' ? source.name : 'customer'}\n  internal: polder_${source.name}\ncommit:\n  rows: 1000\n`,
    })
    const ran = await project.json<{ counts: object; datasets: object[] }>(['run'], {
      env: { NODE_EXTRA_CA_CERTS: ours.file },
    })
    expect(ran.problems).toEqual([])
    expect(ran.result).toMatchObject({ counts: { read: ROWS, loaded: ROWS }, datasets: [{ road: 'stream' }] })
    expect(await warehouse(server.at('localhost', trusting('verify-full')))).toBe('ok')
    expect(await warehouse(server.at('127.0.0.1', '?sslmode=no-verify'))).toBe('ok')
  })

  test.skipIf(folder === undefined)('what DuckDB copies by its extension is encrypted too', async () => {
    const source = await table()
    await connections({ any: [source.url.replace(/\?.*/, ''), 'require'] })
    await project.write({
      'polder.yaml': `warehouse:\n  type: duckdb\n  path: ./w.duckdb\n  extension_directory: ${folder}\n`,
      'pipelines/shop.yaml': pipeline('any').replace('contract: discard_row\n', ''),
    })
    const it = await openProject(project.root, { env: project.env })
    const { signal } = new AbortController()
    const ran = await it
      .run([], { full: false, allowShrink: false, signal, onEvent: () => {} })
      .finally(() => it.close())
    expect(ran.datasets).toMatchObject([
      { road: 'pushdown', warnings: [], counts: { read: ROWS, loaded: ROWS } },
    ])
  })

  test('nothing said is in the clear, which a server may refuse; require takes any certificate', async () => {
    await connections({
      plain: [server.at('localhost')],
      any: [server.at('127.0.0.1'), 'require'],
      any_url: [server.at('127.0.0.1', '?sslmode=require')],
      any_true: [server.at('127.0.0.1', '?ssl=true')],
      unknown_authority: [server.at('localhost'), 'verify'],
      unknown_in_url: [
        server.at('localhost', kind === 'postgres' ? '?sslmode=verify-full' : '?ssl-mode=VERIFY_IDENTITY'),
      ],
      off: [server.at('localhost', '?sslmode=require'), 'disable'],
    })
    const found = Object.fromEntries((await tested()).map((it) => [it.connection, it]))
    const said = Object.fromEntries(Object.entries(found).map(([name, it]) => [name, saidOf(it)]))
    expect(said).toEqual({
      plain: expect.stringMatching(inTheClear.source),
      any: 'ok',
      any_url: 'ok',
      any_true: 'ok',
      unknown_authority: expect.stringMatching(/^E415 .*certificate.*NODE_EXTRA_CA_CERTS/),
      unknown_in_url: expect.stringMatching(/^E415 .*certificate.*NODE_EXTRA_CA_CERTS/),
      off: expect.stringMatching(inTheClear.source),
    })
    const { at } = found['unknown_authority']!.problem!
    expect(at?.file.path).toBe('config/connections.yaml')
    expect(at?.file.text.split('\n')[at.line - 1]).toBe('unknown_authority:')
  })

  test('a warehouse is refused in the clear, by another authority, and by none', async () => {
    expect(await warehouse(server.at('localhost'))).toMatch(inTheClear.warehouse)
    expect(await warehouse(server.at('localhost', '?sslmode=disable'))).toMatch(inTheClear.warehouse)
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'])
      expect(await warehouse(server.at('localhost', `?sslmode=${mode}`))).toMatch(
        /^E616: .*NODE_EXTRA_CA_CERTS/,
      )
    expect(await warehouse(server.at('localhost', '?ssl=true'))).toMatch(/^E616: /)
    const foreign = `?sslmode=verify-full&sslrootcert=${others.file}`
    expect(await warehouse(server.at('localhost', foreign))).toMatch(/^E616: /)
    for (const unknown of ['maybe', 'constructor'])
      expect(await warehouse(server.at('localhost', `?sslmode=${unknown}`))).toMatch(/^E614: /)
    expect(await warehouse(server.at('localhost', '?sslmode=require&ssl=false'))).toMatch(/^E614: /)
    expect(await warehouse(server.at('localhost', '?sslrootcert=/nowhere'))).toMatch(/^E616: .*sslrootcert/)
  })

  test('a certificate for another name is refused', async () => {
    await server.shows(['db.example.org', 'other.example.org'])
    await connections({
      by_name: [server.at('localhost'), 'verify'],
      any: [server.at('localhost'), 'require'],
    })
    expect(await testedTrusting()).toEqual({
      by_name: expect.stringMatching(/^E415 .*altnames.*Write the host by a name/),
      any: 'ok',
    })
    expect(await warehouse(server.at('localhost', trusting('verify-full')))).toMatch(/^E616: .*altnames/)
  })

  test('a host that is called by its address is not taken for localhost', async () => {
    // Drivers that are given no name look for this one.
    await server.shows(['localhost'])
    const byAddress = kind === 'postgres' ? /altnames/ : /compares names, not addresses/
    expect(await warehouse(server.at('127.0.0.1', trusting('verify-full')))).toMatch(byAddress)
    await connections({ by_address: [server.at('127.0.0.1'), 'verify'] })
    expect((await testedTrusting())['by_address']).toMatch(byAddress)
    if (kind === 'mysql') return
    await server.shows(['IP:127.0.0.1'])
    await connections({ good: [server.at('127.0.0.1'), 'verify'], bad: [server.at('localhost'), 'verify'] })
    expect(await testedTrusting()).toEqual({ good: 'ok', bad: expect.stringMatching(/^E415 .*altnames/) })
    expect(await warehouse(server.at('127.0.0.1', trusting('verify-full')))).toBe('ok')
  })

  test('an expired certificate is refused', async () => {
    await server.shows(['localhost'], true)
    await connections({ expired: [server.at('localhost'), 'verify'] })
    expect((await testedTrusting())['expired']).toMatch(/^E415 .*expired.*Renew/)
    expect(await warehouse(server.at('localhost', trusting('verify-full')))).toMatch(
      /^E616: .*expired.*Renew/,
    )
  })

  test('a server without TLS is refused where TLS is asked', async () => {
    const url = process.env[`POLDER_TEST_${kind.toUpperCase()}_URL`]!.replace('127.0.0.1', 'localhost')
    await connections({ require: [url, 'require'], verify: [url, 'verify'], nothing: [url] })
    const said = Object.fromEntries((await tested()).map((it) => [it.connection, saidOf(it)]))
    const refused = expect.stringMatching(/^E415 .*Let the server offer TLS/)
    expect(said).toEqual({ require: refused, verify: refused, nothing: 'ok' })
    expect(await warehouse(`${url}?sslmode=no-verify`)).toMatch(/^E616: .*Let the server offer TLS/)
  })
})
