import { deepStrictEqual } from 'node:assert'
import jsonata from 'jsonata'
import type { Node } from '../../transforms/ast.ts'
import { compileAst, Refused } from '../../transforms/engine/index.ts'
import { byHand } from './mapping/by-hand.ts'
import { expressions } from './mapping/expressions.ts'
import { mapperSpeed } from './mapping/mapper.ts'
import { type Json, RECORDS, recordsOf, type Shape } from './mapping/records.ts'
import { median } from './measure.ts'

/** One way to run a mapping over records. */
interface Contender {
  name: string
  run(records: Json[]): unknown[] | Promise<unknown[]>
}

/** Back ends of the engine beside the interpreter and what is written by hand; each gets the same tree. */
const backEnds: Record<string, (ast: Node) => (record: Json) => unknown> = {
  closures: (ast) => engine(ast, 'closures'),
  generated: (ast) => engine(ast, 'generated'),
}

function engine(ast: Node, backEnd: 'closures' | 'generated'): (record: Json) => unknown {
  const compiled = compileAst(ast, { backEnd })
  if (compiled instanceof Refused) throw new Error(`refused: ${compiled.reason}`)
  return compiled.run
}

function contenders(shape: Shape): Contender[] {
  const expression = jsonata(expressions[shape])
  const compiled = Object.entries(backEnds).map(([name, compile]): Contender => {
    const run = compile(jsonata(expressions[shape]).ast() as unknown as Node)
    return { name, run: (records) => records.map((it) => run(it)) }
  })
  return [
    {
      name: 'jsonata',
      run: async (records) => {
        const results: unknown[] = []
        for (const it of records) results.push(await expression.evaluate(it))
        return results
      },
    },
    ...compiled,
    { name: 'by hand', run: (records) => records.map(byHand[shape]) },
  ]
}

/** A round long enough to measure, in records per second of the processor: others may be at work on it. */
async function speed({ run }: Contender, records: Json[], roundMs: number): Promise<number> {
  const start = performance.now()
  const used = process.cpuUsage()
  let done = 0
  do {
    await run(records)
    done += records.length
  } while (performance.now() - start < roundMs)
  const { user, system } = process.cpuUsage(used)
  return (done * 1e6) / (user + system)
}

async function checkSame(all: Contender[], records: Json[], shape: Shape): Promise<void> {
  const [first, ...others] = await Promise.all(all.map((it) => it.run(records)))
  const plain = (results: unknown[]): unknown => JSON.parse(JSON.stringify(results))
  others.forEach((it, at) => {
    deepStrictEqual(plain(it), plain(first!), `${shape}: ${all[at + 1]!.name} differs`)
  })
}

async function measure(shape: Shape, rounds: number, roundMs: number): Promise<Map<string, number>> {
  const records = recordsOf(shape)
  const all = contenders(shape)
  await checkSame(all, records, shape)
  const speeds = new Map(all.map((it): [string, number[]] => [it.name, []]))
  // Round by round, so that a busy machine slows all of them.
  for (let round = -1; round < rounds; round++) {
    for (const it of all) {
      const measured = await speed(it, records, roundMs)
      if (round >= 0) speeds.get(it.name)!.push(measured)
    }
  }
  return new Map([...speeds].map(([name, it]) => [name, median(it)]))
}

const argument = (name: string, fallback: number): number =>
  Number(process.argv[process.argv.indexOf(`--${name}`) + 1 || -1] ?? fallback) || fallback

const rounds = argument('rounds', 7)
const roundMs = argument('round-ms', 150)
const geomean = (values: number[]): number =>
  Math.exp(values.reduce((sum, it) => sum + Math.log(it), 0) / values.length)

const lines: Record<string, string | number>[] = []
const factors = new Map<string, number[]>()
for (const shape of Object.keys(expressions) as Shape[]) {
  const speeds = await measure(shape, rounds, roundMs)
  const stock = speeds.get('jsonata')!
  const line: Record<string, string | number> = { mapping: shape }
  for (const [name, it] of speeds) {
    line[name] = `${(it / 1000).toFixed(1)} k/s (${(it / stock).toFixed(1)}x)`
    factors.set(name, [...(factors.get(name) ?? []), it / stock])
  }
  lines.push(line)
}
lines.push({
  mapping: 'geomean',
  ...Object.fromEntries([...factors].map(([name, it]) => [name, `${geomean(it).toFixed(1)}x`])),
})
console.log(`${RECORDS} records each, median of ${rounds} rounds`)
console.table(lines)
const rowsPerSecond = await mapperSpeed(rounds, roundMs * 3)
console.log(`whole mapper, 12 fields of a row of SQL: ${Math.round(rowsPerSecond / 1000)} k rows/s`)
