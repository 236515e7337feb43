import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Mutex } from '../mutex.ts'
import { openingError } from './faults.ts'

/** DuckDB takes one writer at a time; sessions of one process on one file share the queue. */
const queues = new Map<string, Mutex>()

export interface OpenFile {
  instance: DuckDBInstance
  queue: Mutex
}

/** @throws {WarehouseError} E607 another process has it open · E608 no DuckDB file */
export async function openFile(path: string, settings: Record<string, string>): Promise<OpenFile> {
  try {
    if (path === MEMORY) return { instance: await DuckDBInstance.create(path, settings), queue: new Mutex() }
    await mkdir(dirname(path), { recursive: true })
    const instance = await DuckDBInstance.fromCache(path, settings)
    const queue = queues.get(path) ?? new Mutex()
    queues.set(path, queue)
    return { instance, queue }
  } catch (error) {
    throw openingError(error, path)
  }
}

export const MEMORY = ':memory:'
