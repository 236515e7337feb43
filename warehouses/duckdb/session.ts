import { resolve } from 'node:path'
import type { WarehouseContext, WarehouseSession } from '../../core/warehouse.ts'
import type { Engine } from '../engine.ts'
import { openSession } from '../session.ts'
import { DuckConnection } from './connection.ts'
import { duckdb } from './dialect.ts'
import { print } from './expr.ts'
import { fault, spoke, words } from './faults.ts'
import { ROW_GROUP } from './feed.ts'
import { MEMORY, openFile } from './instance.ts'
import { reach } from './reach.ts'
import { Relief } from './relief.ts'
import { Servers } from './servers.ts'
import { bytesOf, slices } from './slices.ts'
import { encode } from './vectors.ts'

/** DuckDB has no limit; this keeps names readable. */
const MAX_NAME_BYTES = 255

/** DuckDB's own 16 MB is less than two commits of a first read, and a checkpoint takes longer than both; see `Relief`. */
const LOG_SIZE = '64MB'

export async function open(context: WarehouseContext): Promise<WarehouseSession> {
  const { options, temporary, root } = context
  const path = temporary ? MEMORY : resolve(root, String(options['path'] ?? './warehouse.duckdb'))
  const { instance, queue, close } = await openFile(path, {
    ...extensions(context),
    preserve_insertion_order: 'false',
    memory_limit: String(options['memory_limit'] ?? '128MB'),
    wal_autocheckpoint: LOG_SIZE,
    threads: String(options['threads'] ?? 2),
  })
  const connect = async () => {
    const connection = new DuckConnection(await instance.connect())
    await connection.run(`set TimeZone = 'UTC'`)
    return connection
  }
  const servers = new Servers(isExtended(context) ? extensions(context) : undefined)
  const engine: Engine = {
    facts: {
      version: '',
      ddlInTransaction: true,
      savepoints: false,
      writers: 1,
      appendRows: ROW_GROUP,
      unionPushdown: true,
      maxNameBytes: MAX_NAME_BYTES,
      builder: 'pg',
    },
    dialect: duckdb,
    print,
    encode,
    reach: (connection, ask) => reach(connection, ask, servers),
    connect,
    fault,
    spoke,
    words,
    refusedColumn: () => undefined,
    exclusive: (work) => queue.run(work),
    close: async () => {
      await servers.close()
      close()
    },
  }
  const { version, memory } = await recognise(engine)
  engine.facts.version = version
  if (path !== MEMORY) relieve(engine, new Relief(instance, memory))
  engine.dialect = { ...duckdb, slices: slices(memory) }
  return openSession(engine, context)
}

const isExtended = ({ options }: WarehouseContext): boolean =>
  options['extension_directory'] !== undefined || options['extensions'] === 'online'

/** None is loaded but from a folder that the project names, and none is fetched but where it says so. */
function extensions({ options, root }: WarehouseContext): Record<string, string> {
  const folder = options['extension_directory']
  const isOnline = options['extensions'] === 'online'
  return {
    autoinstall_known_extensions: String(isOnline),
    autoload_known_extensions: String(isOnline || folder !== undefined),
    ...(folder !== undefined && { extension_directory: resolve(root, String(folder)) }),
  }
}

function relieve(engine: Engine, relief: Relief): void {
  const { exclusive, close } = engine
  engine.exclusive = (work) =>
    exclusive(async () => {
      const result = await work()
      await relief.after()
      return result
    })
  engine.close = async () => {
    relief.close()
    await close()
  }
}

async function recognise(engine: Engine): Promise<{ version: string; memory: number }> {
  const connection = await engine.connect('pool')
  const [row] = await connection.query(
    `select version() as version, current_setting('memory_limit') as memory`,
  )
  await connection.close()
  return {
    version: `DuckDB ${String(row!['version']).replace(/^v/, '')}`,
    memory: bytesOf(String(row!['memory'])),
  }
}
