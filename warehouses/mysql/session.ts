import { WarehouseError } from '../../core/errors.ts'
import type { WarehouseContext, WarehouseSession } from '../../core/warehouse.ts'
import type { Engine } from '../engine.ts'
import { connected } from '../retry.ts'
import { openSession } from '../session.ts'
import { roadOf } from './bulk.ts'
import { MysqlConnection } from './connection.ts'
import { collation, type Flavour, maxNameBytes, mysqlDialect } from './dialect.ts'
import { printFor } from './expr.ts'
import { fault, refusedColumn, spoke, words } from './faults.ts'
import { knownPushed } from './link-pushed.ts'
import { unusedLinks } from './link-steps.ts'
import { reach } from './reach.ts'
import { address, baseSettings, type Server } from './server.ts'
import { sessions } from './sessions.ts'

const WRITERS = 64

export async function open(context: WarehouseContext): Promise<WarehouseSession> {
  const server: Server = {
    address: address(context.options['url'], context.root),
    settings: [],
    internal: context.internal,
    collation: '',
    localInfile: false,
  }
  const engine: Engine = {
    facts: {
      version: '',
      ddlInTransaction: false,
      savepoints: true,
      writers: WRITERS,
      unionPushdown: false,
      maxNameBytes,
      builder: 'mysql2',
    },
    dialect: mysqlDialect('mariadb'),
    print: printFor('mariadb'),
    encode: (columns, block) => roadOf(server.localInfile).encode(columns, block),
    reach,
    sessions,
    links: { known: knownPushed, unused: unusedLinks },
    connect: () => MysqlConnection.connect(server),
    fault,
    spoke,
    words,
    refusedColumn,
    exclusive: (work) => work(),
    close: async () => {},
  }
  await recognise(engine, server)
  return openSession(engine, context)
}

/** Fills in what only the server can tell. */
async function recognise(engine: Engine, server: Server): Promise<void> {
  const connection = await connected(engine, 'pool')
  try {
    const [row] = await connection.query('select version() as version, @@global.local_infile as load_local')
    const { version, load_local } = row as { version: string; load_local: number }
    const flavour: Flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
    const numbers = version.replace(/^5\.5\.5-/, '').split('-')[0]!
    const name = `${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${numbers}`
    checkAge(name, flavour, numbers)
    engine.facts.version = name
    engine.dialect = mysqlDialect(flavour)
    engine.print = printFor(flavour)
    server.localInfile = load_local === 1
    server.collation = collation(flavour)
    server.settings = baseSettings(server.collation)
    // A stopped process must let go of its locks before its lease ends; MySQL has no such setting.
    if (flavour === 'mariadb') server.settings.push('idle_transaction_timeout = 15')
  } finally {
    await connection.close()
  }
}

const oldest: Record<Flavour, number[]> = { mariadb: [10, 6, 0], mysql: [8, 0, 19] }

function checkAge(name: string, flavour: Flavour, version: string): void {
  const numbers = version.split('.').map(Number)
  for (const [i, least] of oldest[flavour].entries()) {
    const number = numbers[i] ?? 0
    if (number > least) return
    if (number < least)
      throw new WarehouseError('E613', {
        problem: `The warehouse is ${name}; Polder needs ${oldest[flavour].join('.')} or newer.`,
      })
  }
}
