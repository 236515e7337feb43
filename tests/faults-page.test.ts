import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHECKOUT } from './support/source-files.ts'

const PAGE = join(CHECKOUT, 'docs', 'faults.md')
const ROW = /^\| (\d+) \|.*\| ([^|]+) \|$/gm
const FILE = /`([\w./-]+\.ts)`/g
/** `fault 25: …`, `faults 1, 38: …` in the name of a test. */
const TAG = /faults? (\d+(?:, \d+)*):/g

const rows = [...readFileSync(PAGE, 'utf8').matchAll(ROW)].map(([, number, files]) => ({
  number: Number(number),
  files: [...files!.matchAll(FILE)].map(([, file]) => file!),
}))

test('every fault of databases, files and the machine has a row', () => {
  const wanted = [
    1, 2, 3, 4, 5, 6, 7, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,
    38,
  ]
  expect(rows.map((it) => it.number)).toEqual([...wanted, 40, 41])
})

test.each(rows)('fault $number is tested where the page says', ({ number, files }) => {
  expect(files).not.toEqual([])
  for (const file of files) {
    const path = join(CHECKOUT, file)
    expect(existsSync(path), `${file} does not exist`).toBe(true)
    const named = [...readFileSync(path, 'utf8').matchAll(TAG)].flatMap(([, list]) =>
      list!.split(', ').map(Number),
    )
    expect(named, `${file} has no test named "fault ${number}: …"`).toContain(number)
  }
})
