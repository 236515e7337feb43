/**
 * MySQL 5.7 and later, MariaDB 10.3 and later: tables and views of one server.
 *
 * Source  https://mariadb.com/kb/en/clientserver-protocol/
 * Paging  one streaming query; resumed by keyset, written out as `a > x or (a = x and b > y)`
 * Cursor  none proposed: name a column that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL; without PROCESS, changes committed late
 */
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, defineConnector } from '../../sdk/index.ts'
import { type Address, addressOf, sqlOptions } from '../sql-options.ts'
import { sqlReader } from '../sql-reader.ts'
import type { SqlEngine, SqlSession } from '../sql-types.ts'
import { type Ask, columns, estimate, key, tables } from './catalog.ts'
import { asker, connect, end, filled, type MysqlSettings, ping, stream } from './connection.ts'
import { mysqlFault } from './faults.ts'
import { localNow, oldestStart, writers } from './writers.ts'

export const mysql = defineConnector({
  name: 'mysql',
  title: 'MySQL and MariaDB',
  options: sqlOptions('mysql://reader:${env:SHOP_PASSWORD}@db.example.com/shop'),
  open({ connection, options }) {
    const address = addressOf(options, { protocols: ['mysql', 'mariadb'], port: 3306 }, connection)
    insistOnName(address, connection)
    const settings = { address, statementTimeoutSeconds: options.statement_timeout_seconds }
    return sqlReader(engineOf(settings, connection, options.timezone), connection)
  },
})

/** The driver gives the certificate's check a name only, never an address. */
function insistOnName({ host, ssl }: Address, connection: string): void {
  if (ssl === false || !ssl.rejectUnauthorized || !isIP(host)) return
  throw new ConfigError('E415', {
    problem: `Connection "${connection}" cannot check the certificate of ${host}: the driver for MySQL and MariaDB compares names, not addresses.`,
    remedy:
      'Write the host by a name that the certificate is for, or ssl: require, which takes any certificate.',
  })
}

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

function engineOf(settings: MysqlSettings, connection: string, timezone: string | undefined): SqlEngine {
  const { host, port, database, user } = settings.address
  return {
    builder: 'mysql2',
    rowComparison: false,
    parallel: true,
    defaultSchema: database,
    timezone,
    settleMs: SETTLE_MS,
    alters: true,
    connect: () => openSession(settings),
    stream: (statement, signal) => stream(settings, statement, signal),
    address: ({ schema, name }) => ({
      kind: 'mysql',
      ...settings.address,
      schema,
      name,
      ...(settings.statementTimeoutSeconds > 0 && { timeoutSeconds: settings.statementTimeoutSeconds }),
      withMark: (look) => withMark(settings, look),
      zone: () => zoneOf(settings),
    }),
    grant: ({ schema, name }) => `grant select on ${quote(schema)}.${quote(name)} to '${user ?? ''}';`,
    fault: (error, from) => mysqlFault(error, { connection, server: `${host}:${port}`, from }),
  }
}

/** Seen by the lock, and by the statement that waits for it: through a link a lock cannot be asked for. */
async function withMark<T>(settings: MysqlSettings, look: (mark: bigint) => Promise<T>): Promise<T> {
  const mark = randomBytes(8).readBigInt64BE()
  const lock = (seconds: number) => `select get_lock('polder ${mark}', ${seconds})`
  const [holder, waiter] = await Promise.all([connect(settings), connect(settings)])
  try {
    await asker(holder)(lock(0))
    const waiting = asker(waiter)(lock(WAIT_SECONDS)).catch(() => {})
    try {
      await begun(asker(holder), waiter.threadId)
      return await look(mark)
    } finally {
      await asker(holder)(`select release_lock('polder ${mark}')`).catch(() => {})
      await waiting
    }
  } finally {
    await Promise.all([end(holder), end(waiter)])
  }
}

/** A statement takes a moment to begin, and on a busy server whoever looks for it would be faster. */
async function begun(ask: Ask, thread: number): Promise<void> {
  const found = `select 1 from information_schema.processlist where id = ${thread} and info like 'select get_lock(%'`
  for (let tries = 0; tries < BEGIN_TRIES; tries++) {
    if ((await ask(found)).length > 0) return
    await sleep(BEGIN_MS)
  }
}

const BEGIN_TRIES = 200
const BEGIN_MS = 25

async function zoneOf(settings: MysqlSettings): Promise<string> {
  const connection = await connect(settings)
  try {
    const ask = `select if(@@global.time_zone = 'SYSTEM', @@global.system_time_zone, @@global.time_zone)`
    return String((await asker(connection)(ask))[0]![0])
  } finally {
    await end(connection)
  }
}

/** How long a statement waits to be seen, where nobody ends it. */
const WAIT_SECONDS = 60

/** The server tells when a transaction began by the second: a new one counts as old until that has passed. */
const SETTLE_MS = 1300

const NOW = `select date_format(utc_timestamp(6), '%Y-%m-%dT%H:%i:%s.%fZ')`

async function openSession(settings: MysqlSettings): Promise<SqlSession> {
  const connection = await connect(settings)
  const ask = asker(connection)
  const one = async (sql: string): Promise<string> => String((await ask(sql))[0]![0])
  return {
    version: async () => versionText(await one('select version()')),
    tables: (want) => tables(ask, want),
    estimate: (table) => estimate(ask, table),
    columns: (table) => columns(ask, table, quote),
    key: (table) => key(ask, table),
    now: () => one(NOW),
    localNow: () => localNow(ask),
    writers: () => writers(ask),
    oldestStart: () => oldestStart(ask),
    rows: async (statement) => ask(await filled(statement)),
    // Each statement is a transaction of its own.
    rest: async () => {},
    wake: () => ping(connection),
    close: () => end(connection),
  }
}

/** `10.11.19-MariaDB-0+deb12u1` is `MariaDB 10.11.19`. */
function versionText(version: string): string {
  const title = version.includes('MariaDB') ? 'MariaDB' : 'MySQL'
  return `${title} ${version.replace(/^5\.5\.5-/, '').split('-')[0]}`
}
