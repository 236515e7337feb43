import { posix } from 'node:path'
import type { CheckedFile } from './source-files.ts'

/** Height of each top folder; a folder imports itself and what lies below it. Folders not listed are free. */
const FLOORS: Record<string, number> = {
  core: 0,
  sdk: 1,
  config: 2,
  connectors: 2,
  transforms: 2,
  warehouses: 2,
  pipelines: 3,
  unify: 3,
  app: 4,
  cli: 5,
  ui: 5,
}
/** Folders whose sub-folders do not know each other. */
const HOUSES = ['connectors', 'warehouses']
const DOORS_ONLY = ['cli', 'ui']
const NOT_IN_CORE = /^(node:)?(fs|net|tls|dgram|http|https|http2|child_process)(\/|$)/

const IMPORTS = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"`]([^'"`]+)['"`]/g,
]
const COMMENTS = [/^\s*\/\*[\s\S]*?\*\//gm, /^\s*\/\/.*$/gm]

/** Every specifier that a TypeScript file imports: types, re-exports and `import()` included. */
export function importsOf(text: string): string[] {
  const code = COMMENTS.reduce((rest, comment) => rest.replace(comment, ''), text)
  return IMPORTS.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]!))
}

/** Every import that breaks the house's rules, as `file → target: why`. */
export function brokenImports(files: CheckedFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    importsOf(text).flatMap((specifier) => {
      const why = faultOf(path, specifier)
      return why === undefined ? [] : [`${path} → ${specifier}: ${why}`]
    }),
  )
}

function faultOf(path: string, specifier: string): string | undefined {
  const from = folderOf(path)
  if (!(from in FLOORS)) return undefined
  if (!specifier.startsWith('.')) {
    return from === 'core' && NOT_IN_CORE.test(specifier) ? 'core knows no file and no socket' : undefined
  }
  const target = posix.join(posix.dirname(path), specifier)
  const to = folderOf(target)
  if (from === to) return neighbourFault(path, target)
  if (isTest(path) && (to === 'tests' || target.startsWith('sdk/contract/'))) return undefined
  return floorFault(from, to) ?? doorFault(from, to, target)
}

function neighbourFault(path: string, target: string): string | undefined {
  const [house, from] = path.split('/')
  const to = target.split('/')[1]!
  if (!HOUSES.includes(house!) || from === to) return undefined
  if (path.split('/').length === 2 || target.split('/').length === 2) return undefined
  return `${house}/${from} does not know ${house}/${to}`
}

function floorFault(from: string, to: string): string | undefined {
  const height = FLOORS[to]
  if (height === undefined) return `${to} is outside the house`
  if (height > FLOORS[from]!) return `climbs from ${from} to ${to}`
  return height === FLOORS[from] ? `${from} and ${to} are neighbours` : undefined
}

function doorFault(from: string, to: string, target: string): string | undefined {
  if (to === 'core') return undefined
  if (DOORS_ONLY.includes(from) && to !== 'app') return `${from} reaches past app`
  return target === `${to}/index.ts` ? undefined : `the door of ${to} is ${to}/index.ts`
}

const folderOf = (path: string): string => path.split('/')[0]!
const isTest = (path: string): boolean => path.endsWith('.test.ts')
