import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import type { Node } from '../ast.ts'
import { compileAst } from './compile-ast.ts'
import type { EngineOptions } from './options.ts'
import { Refused } from './refused.ts'
import { codeOf, plain, stockExpression } from './testing/stock.ts'

/** The official test suite of jsonata 2.2.2 (MIT): https://github.com/jsonata-js/jsonata, test/test-suite. */
const SUITE =
  process.env['JSONATA_SUITE'] ??
  fileURLToPath(new URL('../../../shared/data/jsonata-suite', import.meta.url))
const isThere = existsSync(SUITE)

type BackEnd = NonNullable<EngineOptions['backEnd']>

interface Case {
  name: string
  expr: string
  data?: unknown
  dataset?: string | null
  bindings?: Record<string, unknown>
  result?: unknown
  undefinedResult?: boolean
  code?: string
  error?: { code: string }
  timelimit?: number
  depth?: number
}

type CaseFile = Omit<Case, 'name' | 'expr'> & { expr?: string; 'expr-file'?: string }

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function cases(): Case[] {
  return readdirSync(`${SUITE}/groups`).flatMap((group) =>
    readdirSync(`${SUITE}/groups/${group}`)
      .filter((it) => it.endsWith('.json'))
      .flatMap((file) => {
        const content = readJson(`${SUITE}/groups/${group}/${file}`)
        return ([content].flat() as CaseFile[]).map((it, at) => ({
          ...it,
          name: `${group}/${file}#${at}`,
          expr: it.expr ?? readFileSync(`${SUITE}/groups/${group}/${it['expr-file']}`, 'utf8'),
        }))
      }),
  )
}

const datasets = new Map<string, unknown>()
function inputOf(it: Case): unknown {
  if ('data' in it) return it.data
  if (typeof it.dataset !== 'string') return undefined
  if (!datasets.has(it.dataset)) datasets.set(it.dataset, readJson(`${SUITE}/datasets/${it.dataset}.json`))
  return datasets.get(it.dataset)
}

function parsed(text: string): Node | string {
  try {
    return jsonata(text).ast() as unknown as Node
  } catch (cause) {
    return codeOf(cause)
  }
}

const isRandom = ({ expr }: Case): boolean => /\$(random|shuffle|now|millis)\b/.test(expr)

/** The suite's limit of depth counts nodes of the tree; ours counts calls. */
const NODES_PER_CALL = 3

const LIMITED = ['U1001', 'D1011', 'D1012', 'D2015']

async function check(it: Case, ast: Node, backEnd: BackEnd): Promise<string | undefined> {
  const input = inputOf(it)
  const before = JSON.stringify(input)
  const bindings = it.bindings ?? {}
  const compiled = compileAst(ast, {
    bindings: Object.keys(bindings),
    backEnd,
    limits: {
      timeoutMs: Math.min(it.timelimit ?? 5000, 2000),
      calls: Math.floor((it.depth ?? 6000) / NODES_PER_CALL),
    },
  })
  if (compiled instanceof Refused) return REFUSED
  const got = attempt(() => compiled.run(input, bindings))
  if (JSON.stringify(input) !== before) return 'changed its input'
  const wanted = it.code ?? it.error?.code
  if (wanted !== undefined) {
    const isLimit = LIMITED.includes(wanted) && 'code' in got && LIMITED.includes(got.code)
    return 'code' in got && (got.code === wanted || isLimit) ? undefined : show(got, wanted)
  }
  if (!('value' in got)) return show(got, 'a value')
  const expected = it.undefinedResult ? '(undefined)' : plain(it.result)
  const same = isRandom(it) || equal(got.value, expected)
  if (!same) return show(got, JSON.stringify(expected))
  if (isRandom(it) || it.timelimit !== undefined) return undefined
  const stock = await stockExpression(it.expr, {})(input, bindings)
  return 'value' in stock && equal(stock.value, got.value)
    ? undefined
    : show(got, `stock ${JSON.stringify(stock)}`)
}

const attempt = (run: () => unknown): { value: unknown } | { code: string } => {
  try {
    return { value: plain(run()) }
  } catch (cause) {
    return { code: codeOf(cause) }
  }
}

const equal = (a: unknown, b: unknown): boolean => {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}

const show = (got: unknown, wanted: string): string =>
  `${JSON.stringify(got)?.slice(0, 200)} instead of ${wanted.slice(0, 200)}`
const REFUSED = 'refused'

test.skipIf(!isThere).each<BackEnd>(['closures', 'generated'])(
  'the official suite: what compiles to %s gives the expected results and codes',
  async (backEnd) => {
    const counts = { cases: 0, unparsed: 0, compiled: 0 }
    const wrong: string[] = []
    for (const it of cases()) {
      counts.cases += 1
      const ast = parsed(it.expr)
      if (typeof ast === 'string') {
        counts.unparsed += 1
        continue
      }
      const problem = await check(it, ast, backEnd)
      if (problem !== REFUSED) counts.compiled += 1
      if (problem !== undefined && problem !== REFUSED)
        wrong.push(`${it.name}: ${problem}  [${it.expr.slice(0, 150)}]`)
    }
    expect(wrong).toEqual([])
    expect(counts).toEqual({ cases: 1686, unparsed: 41, compiled: 1529 })
  },
  60_000,
)

if (!isThere)
  process.stderr.write(`The official JSONata suite is not at ${SUITE}: its cases are NOT tested.\n`)
