#!/usr/bin/env node
import { existsSync, readdirSync, statSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import v8 from 'node:v8'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, 'dist/cli/main.js')
const source = join(root, 'cli/main.ts')
const SOURCES = 'core sdk config connectors transforms warehouses pipelines unify app cli'.split(' ')

/** True in a package, and in a checkout that has not changed since it was built. */
function isBuilt() {
  if (!existsSync(source)) return true
  return existsSync(built) && SOURCES.every((folder) => newest(join(root, folder)) <= statSync(built).mtimeMs)
}

function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const times = files
    .filter((it) => it.isFile() && !it.name.endsWith('.test.ts'))
    .map((it) => statSync(join(it.parentPath, it.name)).mtimeMs)
  return Math.max(0, ...times)
}

// What waits for a commit outlives many collections and is garbage then: V8 would let the heap grow to several times of
// what is in use before it looks. A command line cannot ask its user for `node --flags`.
v8.setFlagsFromString('--heap-growing-percent=50')

// From Node 22.1 on: what was compiled once is kept for the next start.
module.enableCompileCache?.()

if (isBuilt()) {
  await start(built)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await start(source)
}

async function start(path) {
  const { main } = await import(pathToFileURL(path).href)
  const code = await main(process.argv.slice(2))
  // An exit drops what a pipe has not taken yet; waiting for idle handles instead could last for ever.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done))
  process.exit(code)
}
