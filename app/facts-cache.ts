import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DatasetFacts } from '../core/field.ts'
import type { FactsCache } from '../pipelines/index.ts'

/**
 * Discoveries in `.polder/schema/` of the project: names and types of fields, no rows. A cache that cannot be read
 * or written is as good as none.
 */
export function fileCache(root: string): FactsCache {
  const fileOf = (connection: string, from: string) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([connection, from]))
      .digest('hex')
      .slice(0, 16)
    return join(root, '.polder', 'schema', `${hash}.json`)
  }
  return {
    async read(connection, from) {
      try {
        return JSON.parse(await readFile(fileOf(connection, from), 'utf8')) as DatasetFacts
      } catch {
        return undefined
      }
    },
    async write(connection, from, facts) {
      const file = fileOf(connection, from)
      try {
        await mkdir(dirname(file), { recursive: true })
        // By rename: a reader beside us never sees half a file.
        await writeFile(`${file}.${process.pid}`, JSON.stringify(facts, null, 1))
        await rename(`${file}.${process.pid}`, file)
      } catch {
        // A read-only project folder runs as well.
      }
    },
  }
}
