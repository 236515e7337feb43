import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { sampleData } from './generate.ts'
import { csv, write } from './generator/files.ts'
import { localText, offsetText, utcText } from './generator/moment.ts'

const SMALL = { customers: 800, products: 40, orders: 2_500, subscribers: 500, tickets: 300 }
const data = sampleData(7, SMALL)

const lines = (path: string) => data[path]!.trimEnd().split('\n')
const objects = (path: string) => lines(path).map((it) => JSON.parse(it))

test('the same seed gives the same data, another seed gives other data', () => {
  expect(sampleData(7, SMALL)).toEqual(data)
  expect(sampleData(8, SMALL)['shop/orders.jsonl.gz']).not.toBe(data['shop/orders.jsonl.gz'])
})

test('a compressed file is the same however late it is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'de-kade-'))
  const bytes = () => {
    write(join(folder, 'a.csv.gz'), data['shop/customers.csv.gz']!)
    return readFileSync(join(folder, 'a.csv.gz'))
  }
  const first = bytes()
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(bytes().equals(first)).toBe(true)
  expect(gunzipSync(first).toString('utf8')).toBe(data['shop/customers.csv.gz'])
  rmSync(folder, { recursive: true })
})

test('every dataset of the pipelines reads a file that is there, and names fields that it has', () => {
  for (const name of ['shop', 'mailing', 'helpdesk']) {
    const text = readFileSync(new URL(`./pipelines/${name}.yaml`, import.meta.url), 'utf8')
    for (const { from, key } of Object.values(parse(text).datasets) as {
      from: string
      key: string | string[]
    }[]) {
      const path = Object.keys(data).find((it) => it.endsWith(`/${from}`))
      expect(path, from).toBeDefined()
      for (const field of [key].flat()) expect(lines(path!)[0]).toContain(field)
    }
  }
})

test('fewer than one customer in a hundred cannot be loaded, and there are some', () => {
  const [header, ...rows] = lines('shop/customers.csv.gz')
  const created = header!.split(',').indexOf('created_at') - header!.split(',').length
  const bad = rows.filter(
    (it) => it.startsWith(',') || !/^20\d\d-\d\d-\d\d \d\d/.test(it.split(',').at(created)!),
  )
  expect(bad.length + rows.filter((it) => it.includes('2024-13-40')).length).toBeGreaterThan(0)
  expect(bad.length).toBeLessThan(rows.length / 100)
})

test('nobody orders before registering, and a return names an order that was made before it', () => {
  const sales = objects('shop/orders.jsonl.gz').filter((it) => it.placed_at !== '2025-02-30T25:61:00')
  const placed = new Map(sales.map((it) => [it.order_no, it.placed_at]))
  const returns = sales.filter((it) => it.type === 'retour' && placed.has(it.original_order_no))
  expect(returns.length).toBeGreaterThan(20)
  expect(returns.filter((it) => placed.get(it.original_order_no)! >= it.placed_at)).toEqual([])
})

test('what people do with a mailing is identified by its key columns', () => {
  const [, ...rows] = lines('mail/activity.csv')
  expect(new Set(rows.map((it) => it.split(';').slice(0, 4).join(';'))).size).toBe(rows.length)
})

test('one moment is written on three clocks', () => {
  const inSummer = Date.UTC(2024, 6, 1, 12, 30)
  const minute = (inSummer - Date.UTC(2019, 0, 1)) / 60_000
  expect(localText(minute)).toBe('2024-07-01 12:30:00')
  expect(offsetText(minute)).toBe('2024-07-01T12:30:00+02:00')
  expect(utcText(minute)).toBe('2024-07-01 10:30:00')
  expect(offsetText(minute + 153 * 24 * 60)).toBe('2024-12-01T12:30:00+01:00')
})

test('a field with the delimiter or a quote in it is quoted, a missing one is left empty', () => {
  expect(csv([{ a: 'x;y', b: undefined, c: 'say "no"', d: 0 }], ';')).toBe('a;b;c;d\n"x;y";;"say ""no""";0\n')
})
