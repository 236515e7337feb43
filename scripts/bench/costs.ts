import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Frame {
  functionName: string
  url: string
}

interface Profile {
  nodes: { id: number; callFrame: Frame; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

/** What a share of the time is called, by the folder of ours whose work it was. */
const WORK: Record<string, string> = {
  connectors: 'reading',
  transforms: 'mapping',
  warehouses: 'loading',
}

/** Drivers call back from the network: their frames have none of ours below them. */
const DRIVERS: [RegExp, string][] = [
  [/node_modules\/(pg-protocol|pg-cursor|pg|pg-copy-streams|mysql2)\//, 'reading and loading by drivers'],
  [/node_modules\/@duckdb\//, 'loading'],
]

/** Seconds of the main thread by kind of work, the largest first, of the profile that a process left in `folder`. */
export async function costs(folder: string): Promise<[string, number][]> {
  const [file] = await readdir(folder)
  const profile = JSON.parse(await readFile(join(folder, file!), 'utf8')) as Profile
  const parents = new Map(profile.nodes.flatMap((it) => (it.children ?? []).map((child) => [child, it.id])))
  const nodes = new Map(profile.nodes.map((it) => [it.id, it]))
  const spent = new Map<string, number>()
  for (const [i, id] of profile.samples.entries()) {
    const kind = kindOf(framesFrom(id))
    spent.set(kind, (spent.get(kind) ?? 0) + profile.timeDeltas[i]! / 1e6)
  }
  return [...spent].sort(([, a], [, b]) => b - a)

  function* framesFrom(id: number): Generator<Frame> {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      yield nodes.get(at)!.callFrame
  }
}

function kindOf(frames: Iterable<Frame>): string {
  let driver: string | undefined
  for (const { functionName, url } of frames) {
    if (functionName === '(idle)') return 'waiting'
    if (functionName === '(garbage collector)') return 'collecting garbage'
    const folder = /\/dist\/(\w+)\//.exec(url)?.[1]
    if (folder !== undefined && WORK[folder]) return WORK[folder]
    driver ??= DRIVERS.find(([pattern]) => pattern.test(url))?.[1]
  }
  return driver ?? 'all else'
}
