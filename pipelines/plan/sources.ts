import type { Connector, DatasetRequest, SourceReader } from '../../core/connector.ts'
import { BugError, type PolderError } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { Place } from '../../core/place.ts'
import { type ConnectionSpec, type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'

/** Remembers discoveries between commands. */
export interface FactsCache {
  read(connection: string, from: string): Promise<DatasetFacts | undefined>
  write(connection: string, from: string, facts: DatasetFacts): Promise<void>
}

/** How far `facts` may go: ask the source; ask it only where that costs no network, else the cache. */
export type Reach = 'fresh' | 'offline'

export const requestOf = (dataset: DatasetSpec): DatasetRequest => ({
  ref: datasetRef(dataset),
  from: dataset.from,
  key: dataset.key,
  cursor: dataset.cursor,
  deletes: dataset.deletesBySource && 'source',
})

/** What is wrong with a connection rather than with a table of it: the user mends it where the connection stands. */
const OF_CONNECTION = new Set(['E401', 'E402', 'E411', 'E412', 'E414', 'E415'])

/** The project's readers, opened on first use, and what is known of their datasets. */
export class Sources {
  private readonly readers = new Map<string, SourceReader>()
  private readonly known = new Map<string, Promise<DatasetFacts>>()
  private readonly writes: Promise<void>[] = []
  private readonly project: ProjectSpec
  private readonly connectors: Connector[]
  private readonly cache: FactsCache

  constructor(project: ProjectSpec, connectors: Connector[], cache: FactsCache) {
    this.project = project
    this.connectors = connectors
    this.cache = cache
  }

  reader(connection: string): SourceReader {
    let reader = this.readers.get(connection)
    if (!reader) {
      const { options } = this.connection(connection)
      reader = this.connector(connection).open({ connection, options, root: this.project.root })
      this.readers.set(connection, reader)
    }
    return reader
  }

  connection(name: string): ConnectionSpec {
    const found = this.project.connections.find((it) => it.name === name)
    if (!found) throw new BugError('E901', { problem: `The checked project has no connection "${name}".` })
    return found
  }

  /** Where the user mends what a source has refused. @param from  where the table is named */
  placeOf({ at, code }: PolderError, connection: string, from: Place): Place {
    return at ?? (OF_CONNECTION.has(code) ? this.connection(connection).at : from)
  }

  connector(connection: string): Connector {
    const { connector } = this.connection(connection)
    const found = this.connectors.find((it) => it.name === connector)
    if (!found)
      throw new BugError('E901', { problem: `The checked project has no connector "${connector}".` })
    return found
  }

  /** @returns undefined only for `offline`: never discovered and not local */
  async facts(dataset: DatasetSpec, reach: Reach): Promise<DatasetFacts | undefined> {
    if (reach === 'fresh' || this.connector(dataset.connection).local) return this.describe(dataset)
    return this.cache.read(dataset.connection, dataset.from)
  }

  private describe(dataset: DatasetSpec): Promise<DatasetFacts> {
    const { connection, from, cursor } = dataset
    const key = JSON.stringify([datasetRef(dataset), connection, from, dataset.key, cursor])
    let facts = this.known.get(key)
    if (!facts) {
      facts = this.reader(dataset.connection).describe(requestOf(dataset))
      this.known.set(key, facts)
      facts.then(
        (it) => this.writes.push(this.cache.write(dataset.connection, dataset.from, it)),
        () => this.known.delete(key),
      )
    }
    return facts
  }

  async close(): Promise<void> {
    // Else the command may end before what it has asked for is remembered.
    await Promise.all(this.writes)
    await Promise.all([...this.readers.values()].map((it) => it.close()))
    this.readers.clear()
  }
}
