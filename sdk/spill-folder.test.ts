import { spawnSync } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spillFolder } from './spill-folder.ts'

/** Makes a folder with a file in it, says where, and ends as told. */
const child = (end: string): string => {
  const code = `
    import { writeFileSync } from 'node:fs'
    import { spillFolder } from ${JSON.stringify(join(import.meta.dirname, 'spill-folder.ts'))}
    const { path } = spillFolder()
    writeFileSync(path + '/rows.tmp', 'rows')
    writeFileSync(1, path)
    ${end}`
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  }).stdout
}

test('it is its owner’s alone, and goes with all that is in it', () => {
  const { path, remove } = spillFolder()
  writeFileSync(join(path, 'rows.tmp'), 'rows')
  expect(statSync(path).mode & 0o777).toBe(0o700)
  remove()
  expect(existsSync(path)).toBe(false)
})

test('it goes with the process', () => {
  const path = child('process.exit(0)')
  expect(path).toContain('polder-spill-')
  expect(existsSync(path)).toBe(false)
})

test('what a killed process left goes when the next one asks, and what a living one has stays', async () => {
  const killed = child(`process.kill(process.pid, 'SIGKILL')`)
  expect(existsSync(join(killed, 'rows.tmp'))).toBe(true)
  const living = join(tmpdir(), `polder-spill-${hostname()}-${process.ppid}-abc123`)
  await mkdir(living)
  const { remove } = spillFolder()
  expect([existsSync(killed), existsSync(living)]).toEqual([false, true])
  remove()
  spawnSync('rm', ['-r', living])
})
