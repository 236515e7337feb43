/** Builds `dist/`: JavaScript, declarations, and the files beside the code that it reads when it runs. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ASSETS = ['unify/schema', 'config/json-schema']

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const startedAt = new Date()
rmSync('dist', { recursive: true, force: true })

const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (tsc.status !== 0) {
  // Half a build would be taken for a whole one.
  rmSync('dist', { recursive: true, force: true })
  process.exit(tsc.status ?? 1)
}

for (const folder of ASSETS.filter((it) => existsSync(it)))
  cpSync(folder, `dist/${folder}`, { recursive: true })

// bin/polder.mjs takes dist/ only where no source is newer: one that was saved during the build is.
utimesSync('dist/cli/main.js', startedAt, startedAt)
