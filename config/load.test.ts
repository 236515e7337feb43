import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadProject } from './load.ts'
import { pipelineTo, testRegistry, testSchema } from './testing/project.ts'

const roots: string[] = []
afterEach(() => Promise.all(roots.splice(0).map((it) => rm(it, { recursive: true }))))

async function project(files: Record<string, string | Uint8Array>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'polder-load-'))
  roots.push(root)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

const load = (root: string) => loadProject(root, testRegistry, testSchema, {})

const GOOD = {
  'polder.yaml': '\uFEFFtimezone: UTC\n',
  'config/connections.yml': 'shop_db: { connector: files, path: ./data/*.csv }\n',
  'pipelines/shop.yaml': pipelineTo('party: { kind: { is: person } }\ncard: { no: n }'),
  'schema/card.yml': 'table: card\ndescription: x\ncolumns: { no: { type: text, description: x } }\n',
}

test('a folder becomes a project, whichever ending its files have', async () => {
  const root = await project({
    ...GOOD,
    'pipelines/.hidden.yaml': ':',
    'pipelines/notes.txt': 'x',
    'other.yaml': 'x: [',
  })
  const loaded = await load(root)
  expect(loaded.problems).toEqual([])
  expect(loaded.files).toBe(4)
  expect(loaded.project).toMatchObject({ root, timezone: 'UTC', pipelines: [{ name: 'shop' }] })
  expect(loaded.project!.tables.at(-1)!.name).toBe('card')
})

test('pipelines in folders below are read too', async () => {
  const root = await project({
    ...GOOD,
    'pipelines/eu/nl.yaml': pipelineTo('party: {}').replace('shop', 'nl'),
  })
  const { problems } = await load(root)
  expect(problems).toMatchObject([{ code: 'E154', at: { file: { path: 'pipelines/eu/nl.yaml' } } }])
})

test('a folder without pipelines is an error', async () => {
  expect((await load(await project({}))).problems.map((it) => it.code)).toEqual(['E109'])
  expect(
    (await load(await project({ ...GOOD, 'pipelines/shop.yaml': '' }))).problems.map((it) => it.code),
  ).toEqual(['E114'])
  const { 'pipelines/shop.yaml': _, ...rest } = GOOD
  expect((await load(await project(rest))).problems.map((it) => it.code)).toEqual(['E109'])
})

test('a file twice, with both endings, is an error', async () => {
  const { problems } = await load(await project({ ...GOOD, 'polder.yml': 'timezone: UTC\n' }))
  expect(problems.map((it) => [it.code, it.problem])).toEqual([
    ['E110', 'There are two files for one thing: polder.yaml and polder.yml.'],
  ])
})

test('a file that is no UTF-8 or no file is named, and its contents are not missed', async () => {
  const root = await project({ ...GOOD, 'schema/card.yml': new Uint8Array([0x74, 0xff, 0xfe]) })
  await mkdir(join(root, 'pipelines', 'folder.yaml'))
  const { problems, project: none } = await load(root)
  expect(none).toBeUndefined()
  expect(problems.map((it) => [it.code, it.problem])).toEqual([
    ['E108', 'pipelines/folder.yaml cannot be read (EISDIR).'],
    ['E108', 'schema/card.yml is not UTF-8 text.'],
  ])
})

test('a copy elsewhere is the same project', async () => {
  const root = await project(GOOD)
  const copy = await project({})
  await cp(root, copy, { recursive: true })
  const [one, other] = [await load(root), await load(copy)]
  expect(JSON.stringify({ ...other.project, root })).toBe(JSON.stringify(one.project))
})
