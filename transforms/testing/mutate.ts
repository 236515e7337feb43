import { Fate, type MappedBatch } from '../../core/mapping.ts'
import type { Json, Row } from '../../core/value.ts'
import { dataPaths, shownValue, type TargetValues } from '../analyze/lineage.ts'
import { covers, firstNames, type Paths, union } from '../analyze/path.ts'
import { compileWithValues } from '../compile.ts'
import { batchOf, columnsOf, mappingInput, own, rowsOf, type Short, table } from './mapping.ts'

/** Changes every leaf of rows, maps them, and asks whether what changed in the result was told by its lineage. */

export interface Outcome {
  /** Changed outputs that were looked at. */
  changes: number
  /** `expression: place`, where the lineage did not tell of it. */
  missed: string[]
}

const OUT = table('out', [own('v', { kind: 'json' })])
const INSTEAD: Json[] = ['zz', 7, true, null, [3, 'zz'], { zz: 1 }]

interface Mutation {
  path: string[]
  row: Row
}

/** Every leaf of a row in every other form; lists are passed through, so their places are not in the paths. */
function mutations(row: Row): Mutation[] {
  const found: Mutation[] = []
  const visit = (value: Json, path: string[], put: (value: Json) => Row): void => {
    if (Array.isArray(value) && value.length > 0) {
      value.forEach((it, at) => {
        visit(it, path, (changed) => put(value.map((one, i) => (i === at ? changed : one))))
      })
    } else if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
      for (const [name, it] of Object.entries(value))
        visit(it, [...path, name], (changed) => put({ ...value, [name]: changed }))
    } else for (const it of INSTEAD) found.push({ path, row: put(it) })
  }
  for (const [name, it] of Object.entries(row))
    if (name !== 'id') visit(it, [name], (changed) => ({ ...row, [name]: changed }))
  return found
}

/** Of one expression, as the only column of a table that holds anything. Rows that fail tell nothing. */
export async function outcomeOf(expression: string, rows: Row[]): Promise<Outcome> {
  const short: Short = { tables: [OUT], to: { out: { v: expression } } }
  const { mapper, values } = compileWithValues(mappingInput(short))
  const outcome: Outcome = { changes: 0, missed: [] }
  if (!mapper) return outcome
  const value = shownValue(values[0]!.columns.find((it) => it.column === 'v')!)
  const paths = dataPaths(value)
  const names = firstNames(paths)
  const unread = names?.filter((it) => !mapper.fields.includes('*') && !mapper.fields.includes(it)) ?? []
  outcome.missed.push(...unread.map((it) => `${expression}: ${it} is not read`))
  for (const row of rows) {
    const changed = mutations(row)
    const results = await resultsOf([row, ...changed.map((it) => it.row)], short, mapper)
    if (results[0] === undefined) continue
    for (const [at, { path }] of changed.entries()) {
      const result = results[at + 1]
      if (result === undefined || result === results[0]) continue
      outcome.changes += 1
      if (![...paths].some((it) => covers(it, path))) outcome.missed.push(`${expression}: ${path.join('.')}`)
    }
  }
  return outcome
}

/** The value of each row as JSON text, `null` where it has none; undefined where the row was rejected. */
async function resultsOf(
  rows: Row[],
  short: Short,
  mapper: { map(...it: [ReturnType<typeof batchOf>, ReturnType<typeof columnsOf>]): Promise<MappedBatch> },
): Promise<(string | undefined)[]> {
  const batch = batchOf(short, rows)
  const mapped = await mapper.map(batch, columnsOf(batch))
  const results: (string | undefined)[] = rows.map(() => undefined)
  const made = rowsOf(mapped, 'out')
  for (const [at, it] of made.entries()) results[mapped.parts[0]!.sourceRow[at]!] = String(it.v ?? null)
  return results
}

/** Of a whole mapping: the columns of rows that stay, and which rows there are. */
export async function targetsOutcome(short: Short, rows: Row[]): Promise<Outcome> {
  const { mapper, values, problems } = compileWithValues(mappingInput(short))
  if (!mapper) throw new Error(problems.map((it) => `${it.code} ${it.problem}`).join('\n'))
  const outcome: Outcome = { changes: 0, missed: [] }
  const told = (paths: Paths, { path }: Mutation, what: string) => {
    outcome.changes += 1
    if (![...paths].some((it) => covers(it, path))) outcome.missed.push(`${what}: ${path.join('.')}`)
  }
  for (const row of rows) {
    const changed = mutations(row)
    const batch = batchOf(short, [row, ...changed.map((it) => it.row)])
    const made = bySource(await mapper.map(batch, columnsOf(batch)))
    const before = made.get(0)
    for (const [at, mutation] of changed.entries()) {
      const after = made.get(at + 1)
      if (!before || !after) continue
      for (const target of values) {
        const own = (all: Map<string, Row>) => new Map([...all].filter(([id]) => isOf(id, target)))
        const [then, now] = [own(before), own(after)]
        const ids = target.columns.find((it) => it.column === 'id')!.value
        if ([...then.keys()].join() !== [...now.keys()].join())
          told(union(target.rows, dataPaths(ids)), mutation, `rows of ${target.table}`)
        for (const [id, old] of then)
          for (const column of now.has(id) ? target.columns : [])
            if (JSON.stringify(old[column.column]) !== JSON.stringify(now.get(id)![column.column]))
              told(dataPaths(shownValue(column)), mutation, `${target.table}.${column.column}`)
      }
    }
  }
  return outcome
}

/** Rows by table and id, for every source row that was not rejected. */
function bySource(mapped: MappedBatch): Map<number, Map<string, Row>> {
  const all = new Map<number, Map<string, Row>>()
  for (let at = 0; at < mapped.rows; at++) if (mapped.fates[at] !== Fate.rejected) all.set(at, new Map())
  for (const part of mapped.parts)
    for (const [at, row] of rowsOf(mapped, part.table).entries())
      all.get(part.sourceRow[at]!)?.set(`${part.table} ${row.id}`, row)
  return all
}

const isOf = (id: string, { table, spec }: TargetValues): boolean =>
  id.startsWith(`${table} `) && (spec.as === undefined || id.endsWith(`#${spec.as}`))
