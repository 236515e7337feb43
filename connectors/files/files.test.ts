import { mkdir, mkdtemp, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ReadSettings, readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import { ConfigError, type Json, SourceError } from '../../sdk/index.ts'
import { files } from './files.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-files-'))
})
afterEach(() => rm(root, { recursive: true }))

async function put(name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), content)
}

const open = (options: Record<string, Json> = {}) =>
  files.open({ connection: 'exports', root, options: { path: '.', ...options } })
const ask = (from: string) => ({ ref: 'p.d', from, key: ['id'] })
const read = (from: string, options: Record<string, Json> = {}, settings: ReadSettings = {}) =>
  readBatches(open(options), ask(from), settings)
const rows = async (from: string, options: Record<string, Json> = {}) => rowsOf(await read(from, options))
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)
const gz = (text: string) => gzipSync(Buffer.from(text))

test('CSV is read with quotes, line ends inside fields, NULLs and a byte order mark', async () => {
  await put('a.csv', '\ufeffid,name\r\n1,"Å ""x""\r\ny"\r\n2,\r\n3,""\r\n')
  expect(await rows('a.csv')).toEqual([
    { id: '1', name: 'Å "x"\r\ny' },
    { id: '2', name: null },
    { id: '3', name: '' },
  ])
})

test('fault 37: lines that are not whole are set aside with file and line, and the others are read', async () => {
  await put(
    'a.csv',
    Buffer.concat([
      Buffer.from('id,name\n1,ok\n2\n3,x,y\n4,"a\nb"\n5,"z"z\n6,'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\n\n7,a\x00b\n8;c\n9,ok\n'),
    ]),
  )
  const batches = await read('a.csv')
  expect(rowsOf(batches)).toEqual([
    { id: '1', name: 'ok' },
    { id: '4', name: 'a\nb' },
    { id: '7', name: 'a\x00b' },
    { id: '9', name: 'ok' },
  ])
  expect(batches.flatMap((it) => it.broken ?? []).map((it) => [it.code, it.place, it.row])).toEqual([
    ['E440', 'a.csv:3', '2'],
    ['E440', 'a.csv:4', '3,x,y'],
    ['E446', 'a.csv:7', '5,"z"z'],
    ['E442', 'a.csv:8', '6,\ufffd\ufffd'],
    ['E440', 'a.csv:11', '8;c'],
  ])
})

test('broken lines are passed over like others when reading goes on', async () => {
  await put('a.csv', 'id,name\n1,a\n2\n3,c\n4\n5,e\n6,f\n')
  const batches = await read('a.csv', {}, { maxRows: 2 })
  const broken = (all: typeof batches) => all.flatMap((it) => (it.broken ?? []).map(({ place }) => place))
  expect(broken(batches)).toEqual(['a.csv:3', 'a.csv:5'])
  for (const [i, { checkpoint }] of batches.entries()) {
    const rest = await read('a.csv', {}, { from: checkpoint! })
    expect(rowsOf(rest)).toEqual(rowsOf(batches.slice(i + 1)))
    expect(broken(rest)).toEqual(broken(batches.slice(i + 1)))
  }
})

test('delimiter, quote, header, encoding and the text for NULL follow the options', async () => {
  await put('a.tsv', 'id\tname\n1\tx,y\n')
  expect(await rows('a.tsv')).toEqual([{ id: '1', name: 'x,y' }])
  await put('b.csv', "id;name\n1;'x;y'\n2;NULL\n3;\n")
  expect(await rows('b.csv', { delimiter: ';', quote: "'", null: 'NULL' })).toEqual([
    { id: '1', name: 'x;y' },
    { id: '2', name: null },
    { id: '3', name: '' },
  ])
  await put('c.csv', '1,x\n2,y\n')
  const plain = await readBatches(open({ header: false }), { ref: 'p.c', from: 'c.csv', key: ['column_1'] })
  expect(rowsOf(plain)).toEqual([
    { column_1: '1', column_2: 'x' },
    { column_1: '2', column_2: 'y' },
  ])
  await put('d.csv', Buffer.from([...Buffer.from('id,n\n1,'), 0xe9, 0x80, 0x0a]))
  expect(await rows('d.csv', { encoding: 'latin1' })).toEqual([{ id: '1', n: 'é\x80' }])
  expect(await rows('d.csv', { encoding: 'windows-1252' })).toEqual([{ id: '1', n: 'é€' }])
  await put('d.csv', Buffer.from([...Buffer.from('id,n\n1,'), 0x81, 0x0a]))
  expect(await rows('d.csv', { encoding: 'windows-1252' })).toEqual([])
  await put('e.txt', 'id§name\n1§Zoë\n')
  expect(await rows('e.txt', { format: 'csv', delimiter: '§' })).toEqual([{ id: '1', name: 'Zoë' }])
})

test('JSON lines keep every digit, their types and fields that come late', async () => {
  await put(
    'a.jsonl',
    '{"id":12345678901234567890,"x":0.1,"y":{"z":[1,null]}}\r\n\n{"id":2,"x":1,"new":true}\n{"id":3,"constructor":"c"}',
  )
  const facts = await open().describe(ask('a.jsonl'))
  expect(facts).toMatchObject({ kind: 'file', key: [], schema: { open: true } })
  expect(facts.schema.fields.map((it) => [it.name, it.type])).toEqual([
    ['id', 'unknown'],
    ['x', 'decimal'],
    ['y', 'json'],
    ['new', 'boolean'],
    ['constructor', 'text'],
  ])
  const nothing = { x: null, y: null, new: null, constructor: null }
  expect(await rows('a.jsonl')).toEqual([
    { ...nothing, id: '12345678901234567890', x: 0.1, y: { z: [1, null] } },
    { ...nothing, id: 2, x: 1, new: true },
    { ...nothing, id: 3, constructor: 'c' },
  ])
})

test('a field that the sample did not show comes when all fields are wanted, or when asked for', async () => {
  const many = Array.from({ length: 1001 }, (_, id) => JSON.stringify({ id })).join('\n')
  await put('a.jsonl', `${many}\n{"id":-1,"late":"x"}\n`)
  expect((await open().describe(ask('a.jsonl'))).schema.fields.map((it) => it.name)).toEqual(['id'])
  expect((await rows('a.jsonl')).at(-1)).toEqual({ id: -1, late: 'x' })
  const asked = await read('a.jsonl', {}, { fields: ['late', 'never'] })
  expect(rowsOf(asked).at(-1)).toEqual({ id: -1, late: 'x', never: null })
})

test('lines that are no JSON object are set aside with file and line', async () => {
  await put(
    'a.jsonl',
    Buffer.concat([
      Buffer.from('{"id":1}\n{"id":\n[1]\nnull\n{"id":"'),
      Buffer.from([0xc3]),
      Buffer.from(`"}\n{"id":2}\n{"id":"${'x'.repeat(17_000_000)}"}\n{"id":3}\n`),
    ]),
  )
  const batches = await read('a.jsonl')
  expect(rowsOf(batches)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(batches.flatMap((it) => it.broken ?? []).map((it) => [it.code, it.place])).toEqual([
    ['E441', 'a.jsonl:2'],
    ['E447', 'a.jsonl:3'],
    ['E447', 'a.jsonl:4'],
    ['E442', 'a.jsonl:5'],
    ['E443', 'a.jsonl:7'],
  ])
})

test('a pattern reads its files in byte order as one dataset, columns by name', async () => {
  await put('in/o-2.csv', 'name,id\nb,2\n')
  await put('in/o-10.csv', 'id,name,city\n10,j,X\n')
  await put('in/other.csv', 'id\n99\n')
  const options = { path: 'in/*.csv' }
  const facts = await open(options).describe(ask('o-*.csv'))
  expect(facts.schema.fields.map((it) => it.name)).toEqual(['id', 'name', 'city'])
  expect(await rows('o-*.csv', options)).toEqual([
    { id: '10', name: 'j', city: 'X' },
    { id: '2', name: 'b', city: null },
  ])
})

test('gzip is read; a file that ends early, is damaged or empty fails the read', async () => {
  const text = `id,name\n${Array.from({ length: 5000 }, (_, i) => `${i},${i * 7919}\n`).join('')}`
  const whole = gz(text)
  await put('whole.csv.gz', whole)
  expect(await rows('whole.csv.gz')).toHaveLength(5000)
  await put('two.csv.gz', Buffer.concat([gz('id,name\n1,a\n'), gz('2,b\n')]))
  expect(await rows('two.csv.gz')).toHaveLength(2)
  const damaged = Buffer.from(whole)
  damaged[1000]! ^= 0xff
  await put('short.csv.gz', whole.subarray(0, whole.length - 100))
  await put('damaged.csv.gz', damaged)
  await put('empty.csv.gz', '')
  for (const name of ['short.csv.gz', 'damaged.csv.gz', 'empty.csv.gz']) {
    const error = await failure(read(name))
    expect(error, name).toBeInstanceOf(SourceError)
    expect(error, name).toMatchObject({ code: 'E424' })
  }
})

test('a small file that unzips to one endless line is one broken row', async () => {
  await put(
    'bomb.jsonl.gz',
    gzipSync(Buffer.concat([Buffer.alloc(60_000_000, 0x20), Buffer.from('x\n{"id":1}\n')])),
  )
  const batches = await read('bomb.jsonl.gz')
  expect(rowsOf(batches)).toEqual([{ id: 1 }])
  expect(batches[0]!.broken).toMatchObject([{ code: 'E443', place: 'bomb.jsonl.gz:1' }])
})

test('an empty CSV file is no empty dataset, one with a header alone is', async () => {
  await put('none.csv', '')
  expect(await failure(read('none.csv'))).toMatchObject({ code: 'E429' })
  await put('header.csv', 'id,name\n')
  expect(await read('header.csv')).toEqual([])
})

test.each([
  ['id,name,id\n', 'E425', /two columns named "id"/],
  ['id, name,name \n', 'E425', /two columns named "name"/],
  ['id,,name\n', 'E425', /Column 2/],
  ['id,name\r1,a\r2,b\r', 'E429', /header/],
  ['id,"name\n', 'E445', /a\.csv:1/],
  ['id\n1\n"2\n3\n', 'E445', /a\.csv:3/],
])('%j fails with %s', async (text, code, words) => {
  await put('a.csv', text)
  const error = (await failure(read('a.csv'))) as Error
  expect(error).toMatchObject({ code })
  expect(error.message).toMatch(words)
})

test('UTF-16 is told, not read as rubbish', async () => {
  await put('a.csv', Buffer.from('\ufeffid,name\n1,a\n', 'utf16le'))
  expect(await failure(read('a.csv'))).toMatchObject({ code: 'E428' })
})

test('formats that are unknown or mixed, and impossible options, are told', async () => {
  await put('a.xlsx', 'x')
  expect(await failure(read('a.xlsx'))).toMatchObject({ code: 'E426' })
  await put('b.csv', 'id\n')
  await put('b.jsonl', '{}')
  expect(await failure(read('b.*'))).toMatchObject({ code: 'E426' })
  const impossible: Record<string, Json>[] = [
    { delimiter: '\n' },
    { delimiter: '"' },
    { quote: '""' },
    { delimiter: '' },
  ]
  for (const options of impossible)
    expect(await failure(read('b.csv', options)), JSON.stringify(options)).toMatchObject({ code: 'E427' })
  expect(await failure(open().describe({ ...ask('b.csv'), cursor: 'id' }))).toMatchObject({ code: 'E407' })
  expect(await failure(open().describe({ ...ask('b.csv'), key: ['ids'] }))).toMatchObject({ code: 'E405' })
})

test('a pattern or name that gives no file is an error, never an empty dataset', async () => {
  await put('in/a.csv', 'id\n1\n')
  for (const from of ['b-*.csv', '*.jsonl', 'in/a.csv'])
    expect(await failure(read(from, { path: 'in' }))).toMatchObject({ code: 'E404' })
  const near = (await failure(read('aa.csv', { path: 'in' }))) as ConfigError
  expect(near.remedy).toContain('"a.csv"')
  expect(await failure(open({ path: 'inn/*.csv' }).datasets())).toMatchObject({ code: 'E420' })
})

test('what the path of the connection leaves out cannot be named', async () => {
  await put('in/a.csv', 'id\n1\n')
  await put('in/b.jsonl', '{"id":1}\n')
  await put('in/deep/c.csv', 'id\n1\n')
  const names = async (path: string) => (await open({ path }).datasets()).map((it) => it.from)
  expect(await names('in/*.csv')).toEqual(['a.csv'])
  expect(await names('in/**/*.csv')).toEqual(['a.csv', 'deep/c.csv'])
  expect(await names('in/*.{csv,jsonl}')).toEqual(['a.csv', 'b.jsonl'])
  expect(await names('in/a.csv')).toEqual(['a.csv'])
  expect(await names('in')).toEqual(['a.csv', 'b.jsonl', 'deep/c.csv'])
  expect(await failure(read('b.jsonl', { path: 'in/*.csv' }))).toMatchObject({ code: 'E404' })
})

test('a name with characters of patterns is found as it stands', async () => {
  await put('in/a[1].csv', 'id\n1\n')
  await put('in/a1.csv', 'id\n2\n')
  expect(await rows('a[1].csv', { path: 'in' })).toEqual([{ id: '1' }])
  expect(await rows('a[1].csv', { path: 'in/a[1].csv' })).toEqual([{ id: '1' }])
})

test('nothing outside the project is read, by path, name or link', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'polder-outside-'))
  try {
    await writeFile(join(outside, 'secret.csv'), 'id\n1\n')
    await symlink(join(outside, 'secret.csv'), join(root, 'link.csv'))
    await symlink(outside, join(root, 'folder'))
    await put('in/a.csv', 'id\n1\n')
    const escapes: [string, string][] = [
      [outside, 'secret.csv'],
      [`../${outside.split('/').at(-1)}`, 'secret.csv'],
      ['folder', 'secret.csv'],
      ['.', 'link.csv'],
      ['.', 'folder/secret.csv'],
      ['in', '../link.csv'],
      ['in', join(outside, 'secret.csv')],
    ]
    for (const [path, from] of escapes) {
      const error = await failure(read(from, { path }))
      expect(error, `${path} ${from}`).toBeInstanceOf(ConfigError)
      expect(error, `${path} ${from}`).toMatchObject({ code: 'E421' })
    }
  } finally {
    await rm(outside, { recursive: true })
  }
})

test('reading goes on only in the very same files, else it begins again', async () => {
  await put('a-1.csv', 'id,n\n1,a\n2,b\n')
  await put('a-2.csv', 'id,n\n3,c\n4,d\n')
  const batches = await read('a-*.csv', {}, { maxRows: 1 })
  const third = batches[2]!.checkpoint!
  expect(rowsOf(await read('a-*.csv', {}, { from: third }))).toEqual([{ id: '4', n: 'd' }])
  await utimes(join(root, 'a-1.csv'), new Date(0), new Date(0))
  expect(rowsOf(await read('a-*.csv', {}, { from: third }))).toHaveLength(4)
  const { highWater } = await open().split(ask('a-*.csv'), { ranges: 1 })
  const again = (await read('a-*.csv', {}, { from: highWater })).at(-1)!.checkpoint!
  const print = { position: { data: { files: expect.stringMatching(/^[0-9a-f]{32}$/) } } }
  expect([again, highWater]).toMatchObject([print, print])
  expect(JSON.stringify(again.position).slice(0, 60)).toBe(JSON.stringify(highWater.position).slice(0, 60))
})

test('a file that changes or goes while it is read fails the read', async () => {
  const line = `${'x'.repeat(1000)}\n`
  for (const [act, code] of [
    [() => put('a.csv', 'id\n1\n'), 'E423'],
    [() => unlink(join(root, 'a.csv')), 'E422'],
  ] as const) {
    await put('a.csv', `id\n${line.repeat(2000)}`)
    const limits = { fields: ['*'], maxRows: 10, maxBytes: 8_000_000, prefer: ['columns' as const] }
    const { signal } = new AbortController()
    const reading = (async () => {
      for await (const batch of open().read(ask('a.csv'), { id: '0' }, null, { ...limits, signal }))
        if (batch.seq === 0) await act()
    })()
    const error = await failure(reading)
    expect(error).toBeInstanceOf(SourceError)
    expect(error).toMatchObject({ code })
  }
})

test('a file that goes after it was listed is an error, not an empty read', async () => {
  await put('a-1.csv', `id\n${'1\n'.repeat(10)}`)
  await put('a-2.csv', 'id\n2\n')
  const limits = { fields: ['*'], maxRows: 1, maxBytes: 8_000_000, prefer: ['columns' as const] }
  const { signal } = new AbortController()
  const reading = (async () => {
    for await (const batch of open().read(ask('a-*.csv'), { id: '0' }, null, { ...limits, signal }))
      if (batch.seq === 0) await unlink(join(root, 'a-2.csv'))
  })()
  expect(await failure(reading)).toMatchObject({ code: 'E422' })
})

test('a JSON list keeps its types and digits, over lines or not, and sets aside what is no object', async () => {
  await put(
    'a.json',
    '\ufeff[\n{"id": 1, "n": 12345678901234567890.10},\n 7, {"id": 2,}, {"id": 3, "é": [1, {}]}]',
  )
  const batches = await read('a.json')
  expect(rowsOf(batches)).toEqual([
    { id: 1, n: '12345678901234567890.1', é: null },
    { id: 3, n: null, é: [1, {}] },
  ])
  expect(batches.flatMap((it) => it.broken ?? []).map((it) => [it.code, it.place])).toEqual([
    ['E447', 'a.json:3'],
    ['E441', 'a.json:3'],
  ])
  await put('b.json.gz', gz('{"id": 1}\n{"id": 2}'))
  expect(await rows('b.json.gz')).toEqual([{ id: 1 }, { id: 2 }])
})

test('a JSON list that is cut off, empty or followed by something fails the read', async () => {
  for (const [name, text] of [
    ['cut.json', '[{"id":1},{"id":2}'],
    ['empty.json', ''],
    ['more.json', '[{"id":1}]]'],
  ] as const) {
    await put(name, text)
    const error = await failure(read(name))
    expect(error, name).toBeInstanceOf(SourceError)
    expect(error, name).toMatchObject({ code: 'E430' })
  }
})

test('the fingerprint stays while nothing changes, and follows files, contents and how they are read', async () => {
  await put('a.csv', 'id\n1\n')
  const print = async (options = {}, from = '*.csv') =>
    (await open(options).split(ask(from), { ranges: 1 })).highWater.highWater
  const first = await print()
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(await print()).toBe(first)
  expect(await print({ null: 'NULL' })).not.toBe(first)
  await put('b.csv', 'id\n2\n')
  const two = await print()
  expect(two).not.toBe(first)
  await utimes(join(root, 'a.csv'), new Date(), new Date(1_700_000_000_000))
  const touched = await print()
  expect(touched).not.toBe(two)
  await put('b.csv', 'id\n22\n')
  expect(await print()).not.toBe(touched)
  await unlink(join(root, 'b.csv'))
  expect(await print()).not.toBe(touched)
})
