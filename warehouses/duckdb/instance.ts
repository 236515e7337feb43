import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { noteWriter, readersGone, spillFolder } from '../../sdk/index.ts'
import { Mutex } from '../mutex.ts'
import { openingError } from './faults.ts'
import { registerFeed } from './feed.ts'

/** DuckDB takes one writer at a time; sessions of one process on one file share the queue. */
const queues = new Map<string, Mutex>()

export interface OpenFile {
  instance: DuckDBInstance
  queue: Mutex
  close(): void
}

/** @throws {WarehouseError} E607 another process has it open · E608 no DuckDB file */
export async function openFile(path: string, settings: Record<string, string>): Promise<OpenFile> {
  try {
    if (path === MEMORY) {
      const spill = spillFolder()
      const instance = await DuckDBInstance.create(path, { ...settings, temp_directory: spill.path })
      await registerFeed(instance)
      const close = () => {
        instance.closeSync()
        spill.remove()
      }
      return { instance, queue: new Mutex(), close }
    }
    await mkdir(dirname(path), { recursive: true })
    const real = await realpath(path).catch(async () => join(await realpath(dirname(path)), basename(path)))
    await readersGone(real)
    const opening = DuckDBInstance.fromCache(path, settings)
    const gone = noteWriter(real, opening)
    const instance = await opening.catch((error) => {
      gone()
      throw error
    })
    await registerFeed(instance)
    const queue = queues.get(path) ?? new Mutex()
    queues.set(path, queue)
    const close = () => {
      gone()
      instance.closeSync()
    }
    return { instance, queue, close }
  } catch (error) {
    throw openingError(error, path)
  }
}

export const MEMORY = ':memory:'
