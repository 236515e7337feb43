/** The sample shop from files to answers: generates its data, builds Polder, loads the shop, and asks a few questions. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

const root = fileURLToPath(new URL('..', import.meta.url))
const shop = `${root}examples/dutch-shop`
const warehouse = `${shop}/warehouse.duckdb`
const startedAt = performance.now()

/** Exit codes of `polder run` after which everything that can be loaded has been: all of it, or all but some rows. */
const LOADED = [0, 3]

step('Writing the sample data (invented, the same every time)')
command(['--import', 'tsx', 'generate.ts'])

step('Building Polder')
command([`${root}scripts/build.mjs`])

for (const suffix of ['', '.wal']) rmSync(warehouse + suffix, { force: true })
polder(['validate'])
polder(['test'])
polder(['run'], LOADED)

const questions = readFileSync(new URL('./demo.sql', import.meta.url), 'utf8')
await answer(questions)

console.log(`
All of it took ${Math.round((performance.now() - startedAt) / 1000)} s. Go on in examples/dutch-shop, with polder = node ../../bin/polder.mjs:

  polder rejects list                 the rows that were set aside, and why
  polder preview shop.customers       a source row beside what it becomes
  polder run                          again: nothing has changed, so nothing is written
  less pipelines/shop.yaml            how it is said; docs/guide/mapping.md explains
`)

function step(title) {
  console.log(`\n▸ ${title}`)
}

function polder(words, accepted = [0]) {
  step(`polder ${words.join(' ')}`)
  command([`${root}bin/polder.mjs`, ...words], accepted)
}

/** Runs Node in the sample's folder; a code that is not accepted ends the demo with it. */
function command(words, accepted = [0]) {
  const { status } = spawnSync(process.execPath, words, { cwd: shop, stdio: 'inherit' })
  if (!accepted.includes(status)) process.exit(status ?? 1)
}

/** Each query of the file stands under a comment that is its question. */
async function answer(file) {
  const connection = await (await DuckDBInstance.create(warehouse, { access_mode: 'READ_ONLY' })).connect()
  await connection.run("set timezone = 'Europe/Amsterdam'")
  for (const part of file.split(/^-- /m).slice(1)) {
    const [question, ...query] = part.split('\n')
    const result = await connection.runAndReadAll(query.join('\n'))
    step(question)
    console.log(table(result.columnNames(), result.getRowsJson()))
  }
  connection.closeSync()
}

function table(names, rows) {
  const cells = [names, ...rows].map((row) => row.map((cell) => String(cell ?? '–')))
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const isNumber = names.map((_, column) => rows.every((row) => /^-?[\d,.]+$|^$/.test(row[column] ?? '')))
  const line = (row) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
  return cells.map((row) => `  ${line(row).trimEnd()}`).join('\n')
}
