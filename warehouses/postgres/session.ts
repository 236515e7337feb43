import { WarehouseError } from '../../core/errors.ts'
import type { WarehouseContext, WarehouseSession } from '../../core/warehouse.ts'
import type { Engine } from '../engine.ts'
import { connected } from '../retry.ts'
import { openSession } from '../session.ts'
import { encode, PostgresConnection } from './connection.ts'
import { maxNameBytes, postgres } from './dialect.ts'
import { print } from './expr.ts'
import { fault, refusedColumn, spoke, words } from './faults.ts'
import { pushed } from './link-pushed.ts'
import { unusedLinks } from './link-steps.ts'
import { inTrial } from './link-trial.ts'
import { reach } from './reach.ts'
import { serverOf } from './server.ts'
import { sessions } from './sessions.ts'

const OLDEST = 130_000
const WRITERS = 64

export async function open(context: WarehouseContext): Promise<WarehouseSession> {
  const server = serverOf(context.options['url'], context.root)
  const engine: Engine = {
    facts: {
      version: '',
      ddlInTransaction: true,
      savepoints: true,
      writers: WRITERS,
      unionPushdown: true,
      maxNameBytes,
      builder: 'pg',
    },
    dialect: postgres,
    print,
    encode,
    reach,
    sessions,
    links: { trial: inTrial, pushed, unused: unusedLinks },
    connect: (purpose) => PostgresConnection.connect(server, purpose),
    fault,
    spoke,
    words,
    refusedColumn,
    exclusive: (work) => work(),
    close: async () => {},
  }
  engine.facts.version = await version(engine)
  return openSession(engine, context)
}

async function version(engine: Engine): Promise<string> {
  const connection = await connected(engine, 'pool')
  try {
    const [row] = await connection.query(
      `select current_setting('server_version_num')::int as number, current_setting('server_version') as text, ` +
        `current_setting('server_encoding') as encoding`,
    )
    const { number, text, encoding } = row as { number: number; text: string; encoding: string }
    const name = `PostgreSQL ${text.split(' ')[0]}`
    if (number >= OLDEST && encoding === 'UTF8') return name
    throw new WarehouseError('E613', {
      problem: `The warehouse is ${name} with encoding ${encoding}; Polder needs 13 or newer with UTF8.`,
    })
  } finally {
    await connection.close()
  }
}
