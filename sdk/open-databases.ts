import type { DuckDBInstance } from '@duckdb/node-api'

/**
 * DuckDB files that this process has open for writing, by their real path.
 *
 * The locks of a file belong to the process, and closing any handle of it lets all of them go: a second instance on the
 * warehouse's file would, once closed, let another process write to it as well. So whoever reads such a file does it
 * through the instance that is open.
 */
const writing = new Map<string, Promise<DuckDBInstance>[]>()
/** Those open for reading only, with what resolves when they are closed. */
const reading = new Map<string, Set<Promise<void>>>()

/** @returns to be called when the instance is closed */
export function noteWriter(path: string, instance: Promise<DuckDBInstance>): () => void {
  writing.set(path, [...(writing.get(path) ?? []), instance])
  return () => {
    const left = (writing.get(path) ?? []).filter((it) => it !== instance)
    if (left.length > 0) writing.set(path, left)
    else writing.delete(path)
  }
}

export const writerOf = (path: string): Promise<DuckDBInstance> | undefined => writing.get(path)?.at(-1)

/** @returns to be called when the instance is closed */
export function noteReader(path: string): () => void {
  const all = reading.get(path) ?? new Set()
  reading.set(path, all)
  let done = () => {}
  const closed = new Promise<void>((resolve) => {
    done = resolve
  })
  all.add(closed)
  return () => {
    all.delete(closed)
    done()
  }
}

/** Resolves when nobody in this process reads the file by an instance of its own. */
export async function readersGone(path: string): Promise<void> {
  for (let open = reading.get(path); open && open.size > 0; ) await Promise.all(open)
}
