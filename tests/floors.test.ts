import { expect, test } from 'vitest'
import { catalog } from '../core/catalog/index.ts'
import { brokenImports, importsOf } from './support/floors.ts'
import { ourFiles } from './support/source-files.ts'

const sources = ourFiles('**/*.ts')

test('no import climbs a floor, crosses to a neighbour or passes by a door', () => {
  expect(sources.length).toBeGreaterThan(20)
  expect(brokenImports(sources)).toEqual([])
})

test.each([
  ['a climbing import', 'core/a.ts', "import { x } from '../sdk/index.ts'"],
  ['a climbing type import', 'pipelines/run/a.ts', "import type { X } from '../../app/index.ts'"],
  ['a climbing dynamic import', 'sdk/a.ts', "const it = await import('../app/index.ts')"],
  ['a climbing type query', 'sdk/a.ts', "type X = import('../config/index.ts').X"],
  ['a climbing re-export', 'sdk/a.ts', "export * from '../config/index.ts'"],
  ['a climbing import over several lines', 'sdk/a.ts', "import {\n  x,\n  y,\n} from '../unify/index.ts'"],
  ['an import for its effect', 'sdk/a.ts', "import '../cli/index.ts'"],
  ['a neighbour on the same floor', 'config/a.ts', "import { x } from '../warehouses/index.ts'"],
  ['another connector', 'connectors/crm/a.ts', "import { x } from '../shop/b.ts'"],
  ['another warehouse', 'warehouses/duckdb/a.ts', "import { x } from '../postgres/b.ts'"],
  ['an import past the door', 'app/a.ts', "import { x } from '../pipelines/run/run.ts'"],
  ['a command that reaches past app', 'cli/a.ts', "import { x } from '../pipelines/index.ts'"],
  ['product code that imports test tools', 'app/a.ts', "import { x } from '../tests/support/x.ts'"],
  ['a socket in core', 'core/a.ts', "import { connect } from 'node:net'"],
  ['a file in core', 'core/a.ts', "import { readFile } from 'node:fs/promises'"],
])('the check names %s', (_, path, text) => {
  expect(brokenImports([{ path, text }])).toHaveLength(1)
})

test.each([
  ['core from anywhere, any file', 'cli/a.ts', "import type { X } from '../core/report.ts'"],
  ['a door below', 'app/a.ts', "import { x } from '../pipelines/index.ts'"],
  ['the door of its own house', 'connectors/index.ts', "import { x } from './crm/crm.ts'"],
  ['a shared file of its own house', 'warehouses/duckdb/a.ts', "import { x } from '../load.ts'"],
  ['a contract suite in a test', 'connectors/crm/a.test.ts', "import { x } from '../../sdk/contract/x.ts'"],
  ['test tools in a test', 'connectors/crm/a.test.ts', "import { x } from '../../tests/support/x.ts'"],
  ['anything from a journey', 'tests/journeys/a.test.ts', "import { x } from '../../app/run.ts'"],
  ['a packaged library', 'core/a.ts', "import winston from 'winston'"],
  ['a comment', 'core/a.ts', "// import { x } from '../sdk/index.ts'"],
])('the check lets pass %s', (_, path, text) => {
  expect(brokenImports([{ path, text }])).toEqual([])
})

test('the check reads the imports of this very file', () => {
  const text = sources.find((it) => it.path === 'tests/floors.test.ts')!.text
  expect(importsOf(text)).toContain('./support/floors.ts')
})

const CODE = /['"](E\d{3})['"]/g
const DEFINED = /^\s{2}(E\d{3}):/gm
const isCatalog = (path: string) => path.startsWith('core/catalog/')
const FOR_TESTS = /\.test\.ts$|^tests\/|\/testing\//
const product = sources.filter((it) => !FOR_TESTS.test(it.path))
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((it) => it[1]!)
const used = product
  .filter((it) => !isCatalog(it.path))
  .flatMap((it) => matches(it.text, CODE).map((code) => ({ code, path: it.path })))

test('every error code in use has its page in the catalog', () => {
  const unknown = used.filter(({ code }) => !(code in catalog)).map(({ code, path }) => `${code} in ${path}`)
  expect([...new Set(unknown)]).toEqual([])
})

test('every page of the catalog belongs to an error that can happen', () => {
  const codes = new Set(used.map((it) => it.code))
  expect(Object.keys(catalog).filter((code) => !codes.has(code))).toEqual([])
})

test('no two pages of the catalog share a code, and each says what it means and what to do', () => {
  const defined = product.filter((it) => isCatalog(it.path)).flatMap((it) => matches(it.text, DEFINED))
  expect(defined.filter((code, i) => defined.indexOf(code) !== i)).toEqual([])
  expect(defined.toSorted()).toEqual(Object.keys(catalog).toSorted())
  for (const [code, { title, meaning, next }] of Object.entries(catalog))
    expect(
      [title, meaning, next].every((it) => it.trim().length > 3),
      code,
    ).toBe(true)
})

/** Folders of one person's or one build's machine, and addresses that mean something only there. */
const MACHINE = [
  /(^|[^\w.])\/(work|farm|root|home\/\w+|Users\/\w+)\/[a-z]/,
  /127\.0\.0\.1:5\d{4}|localhost:5\d{4}/,
  /https?:\/\/[\w.-]+\.(internal|corp|lan|intra)\b/,
]

test('no file names a path or a host of somebody’s own machine', () => {
  const files = ourFiles('**/*.{ts,mjs,js,md,yaml,yml,json,jsonata,sh}', '.ci/*', '!package-lock.json')
  const found = files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, i) =>
        MACHINE.some((it) => it.test(line)) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
      ),
  )
  expect(files.length).toBeGreaterThan(20)
  expect(found).toEqual([])
})

test.each(['see /' + 'root/x', 'cd /home/' + 'ann/polder', 'postgres://127.0.0.1:' + '55432/x'])(
  'the check finds %s',
  (line) => {
    expect(MACHINE.some((it) => it.test(line))).toBe(true)
  },
)

test('the lock file records no download addresses', () => {
  const [lock] = ourFiles('package-lock.json')
  expect(lock!.text).not.toMatch(/"resolved": "http/)
})
