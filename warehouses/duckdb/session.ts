import { resolve } from 'node:path'
import type { WarehouseContext, WarehouseSession } from '../../core/warehouse.ts'
import type { Engine } from '../engine.ts'
import { openSession } from '../session.ts'
import { DuckConnection } from './connection.ts'
import { duckdb } from './dialect.ts'
import { print } from './expr.ts'
import { fault, spoke, words } from './faults.ts'
import { MEMORY, openFile } from './instance.ts'
import { reach } from './reach.ts'
import { Relief } from './relief.ts'
import { bytesOf, slices } from './slices.ts'

/** DuckDB has no limit; this keeps names readable. */
const MAX_NAME_BYTES = 255

export async function open(context: WarehouseContext): Promise<WarehouseSession> {
  const { options, temporary, root } = context
  const path = temporary ? MEMORY : resolve(root, String(options['path'] ?? './warehouse.duckdb'))
  const { instance, queue } = await openFile(path, {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
    memory_limit: String(options['memory_limit'] ?? '128MB'),
    threads: String(options['threads'] ?? 2),
  })
  const connect = async () => {
    const connection = new DuckConnection(await instance.connect())
    await connection.run(`set TimeZone = 'UTC'`)
    return connection
  }
  const engine: Engine = {
    facts: {
      version: '',
      ddlInTransaction: true,
      savepoints: false,
      writers: 1,
      unionPushdown: true,
      maxNameBytes: MAX_NAME_BYTES,
      builder: 'pg',
    },
    dialect: duckdb,
    print,
    reach,
    connect,
    fault,
    spoke,
    words,
    refusedColumn: () => undefined,
    exclusive: (work) => queue.run(work),
    close: async () => instance.closeSync(),
  }
  const { version, memory } = await recognise(engine)
  engine.facts.version = version
  if (path !== MEMORY) relieve(engine, new Relief(instance, memory))
  engine.dialect = { ...duckdb, slices: slices(memory) }
  return openSession(engine, context)
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
