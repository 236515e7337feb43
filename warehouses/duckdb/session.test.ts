import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WarehouseError } from '../../core/errors.ts'
import { duckdb } from './index.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-duckdb-'))
})
afterAll(() => rm(root, { recursive: true }))

const open = (path: string, more = {}) =>
  duckdb.open({ options: { path }, root, schema: 'customer', internal: 'polder', ...more })

test('a file that another process has open is told with its process id', async () => {
  const holder = spawn(process.execPath, [
    '-e',
    `require('@duckdb/node-api').DuckDBInstance.create(${JSON.stringify(join(root, 'held.duckdb'))}).then((it) => { globalThis.it = it; console.log('held'); setInterval(() => {}, 1000) })`,
  ])
  await once(holder.stdout, 'data')
  const opening = open('held.duckdb')
  await expect(opening).rejects.toThrow(WarehouseError)
  await expect(opening).rejects.toThrow(new RegExp(`E607: .*held.duckdb.*process id ${holder.pid}`))
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await (await open('held.duckdb')).close()
})

test('a file that is no warehouse is told, with what to do', async () => {
  await writeFile(join(root, 'garbage.duckdb'), 'garbage '.repeat(4096))
  await expect(open('garbage.duckdb')).rejects.toMatchObject({ code: 'E608' })
})

test('what was committed is there after closing, and the folder of the file is made', async () => {
  const first = await open('deep/er/kept.duckdb')
  await first.prepare()
  const fence = await first.lease('a.b', 'h:1', 1000)
  await first.commit('one', fence, async () => ({ kept: true }))
  await first.close()
  const second = await open('deep/er/kept.duckdb')
  expect(await second.commit('one', fence, async () => ({ kept: false }))).toEqual({
    already: { kept: true },
  })
  await second.close()
})

test('a log cut short opens at an older whole commit or is refused', async () => {
  const path = join(root, 'cut.duckdb')
  const first = await open('cut.duckdb')
  await first.prepare()
  const fence = await first.lease('a.b', 'h:1', 1000)
  for (let i = 0; i < 5; i++) await first.commit(`c${i}`, fence, async () => i)
  await first.transaction((tx) => tx.query('select 1'))
  await first.close()
  await truncate(path, 5000)
  await expect(open('cut.duckdb')).rejects.toMatchObject({ code: 'E608' })
})

test('a temporary warehouse leaves no file and shares nothing', async () => {
  const [one, two] = await Promise.all([
    open('never.duckdb', { temporary: true }),
    open('never.duckdb', { temporary: true }),
  ])
  await one.prepare()
  await expect(two.query('select * from polder.leases')).rejects.toThrow()
  await one.close()
  await two.close()
  await expect(truncate(join(root, 'never.duckdb'), 0)).rejects.toThrow(/ENOENT/)
})

test('two sessions of one process on one file take turns', async () => {
  const one = await open('shared.duckdb')
  const two = await open('shared.duckdb')
  await one.prepare()
  const fences = await Promise.all([one.lease('a.one', 'h:1', 60_000), two.lease('a.two', 'h:1', 60_000)])
  const commits = [one, two].flatMap((session, i) =>
    Array.from({ length: 10 }, (_, n) =>
      session.commit(`${i} ${n}`, fences[i]!, async (tx) => {
        await tx.run('update polder.leases set n = n + 1')
        return n
      }),
    ),
  )
  await Promise.all(commits)
  expect(await two.query('select distinct n as n from polder.leases')).toEqual([{ n: 30 }])
  await one.close()
  await two.close()
})
