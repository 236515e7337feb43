import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from './main.ts'
import { output } from './output-schema.ts'
import { capturedIo } from './testing/io.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polder-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function polder(...argv: string[]) {
  const io = capturedIo({ cwd: folder })
  const exitCode = await main(argv, io)
  return { exitCode, out: io.out(), err: io.err() }
}

test('help groups the commands and goes to stdout', async () => {
  const { exitCode, out, err } = await polder('--help')
  expect(exitCode).toBe(0)
  expect(err).toBe('')
  const at = ['Build:', '  validate', 'Run:', '  status', 'Repair:', '  explain'].map((it) => out.indexOf(it))
  expect(at).toEqual([...at].sort((a, b) => a - b))
  expect(Math.min(...at)).toBeGreaterThan(-1)
  expect(out).not.toContain('--env')
})

test('what help needs imports nothing but commander, the colours and our own small files', () => {
  const packages = new Set<string>()
  const files = new Set<string>()
  const walk = (path: string) => {
    if (files.has(path)) return
    files.add(path)
    const imports = /^(?:import|export) (?!type\b)[\w\s{},*]*?from '([^']+)'/gm
    for (const [, from] of readFileSync(path, 'utf8').matchAll(imports)) {
      if (from!.startsWith('.')) walk(resolve(dirname(path), from!))
      else if (!from!.startsWith('node:')) packages.add(from!)
    }
  }
  walk(fileURLToPath(new URL('./main.ts', import.meta.url)))
  expect([...packages].sort()).toEqual(['commander', 'picocolors'])
  expect([...files].filter((it) => /\/(app|commands|catalog)\//.test(it))).toEqual([])
})

test('an unknown command is told with the nearest one, and how to read more', async () => {
  const { exitCode, out, err } = await polder('vaildate')
  expect(exitCode).toBe(2)
  expect(out).toBe('')
  expect(err).toBe(
    [
      'error E801  command line not understood',
      "  Unknown command 'vaildate'",
      '  help: Did you mean validate? See: polder --help',
      '  more: polder explain E801',
      '',
    ].join('\n'),
  )
})

test('wrong options and arguments end with exit code 2 and a reason', async () => {
  expect(await polder('preview')).toMatchObject({ exitCode: 2, err: expect.stringContaining("'dataset'") })
  expect(await polder('runs', 'list', '--limit', '0')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('whole number from 1'),
  })
  expect(await polder('run', '--fulll')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('Did you mean --full?'),
  })
})

test('a group without its subcommand shows its help on stderr', async () => {
  const { exitCode, out, err } = await polder('connect')
  expect([exitCode, out]).toEqual([2, ''])
  expect(err).toContain('discover')
})

test('a wrong command line answers in the envelope too', async () => {
  for (const argv of [['--json', 'nonsense'], ['runs', '--json'], ['--json']]) {
    const { exitCode, out, err } = await polder(...argv)
    expect([exitCode, err]).toEqual([2, ''])
    expect(output.parse(JSON.parse(out))).toMatchObject({ command: 'polder', ok: false, exitCode: 2 })
  }
})

test('--env is refused, not ignored', async () => {
  expect(await polder('run', '--env', 'prod')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('comes later'),
  })
})

test('explain shows a page, forgives a missing E, and lists all codes', async () => {
  const page = await polder('explain', 'E702')
  expect(page.exitCode).toBe(0)
  expect(page.out).toContain('E702  the source shrank')
  expect(page.out).toContain('--allow-shrink')
  expect((await polder('explain', '702')).out).toBe(page.out)
  expect((await polder('explain')).out).toMatch(/E301 {2}nothing to do\n/)
})

test('explain of an unknown code proposes a near one of its family', async () => {
  expect(await polder('explain', 'E792')).toMatchObject({
    exitCode: 2,
    out: '',
    err: expect.stringContaining('Did you mean "E702"?'),
  })
})

test('explain answers in the envelope', async () => {
  const { out } = await polder('explain', 'e805', '--json')
  expect(output.parse(JSON.parse(out))).toMatchObject({
    command: 'explain',
    ok: true,
    result: { codes: [{ code: 'E805', title: 'unknown error code' }] },
    problems: [],
  })
})

test('init writes a project and names the next commands', async () => {
  const { exitCode, out } = await polder('init', 'shop')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/cd shop\n.*polder validate.*\n.*polder plan.*\n.*polder run/)
  for (const path of ['polder.yaml', 'config/connections.yaml', 'pipelines/customers.yaml', '.gitignore'])
    expect(existsSync(join(folder, 'shop', path))).toBe(true)
})

test('init overwrites nothing and writes nothing where a file is in the way', async () => {
  mkdirSync(join(folder, 'pipelines'))
  writeFileSync(join(folder, 'pipelines/customers.yaml'), 'mine')
  const { exitCode, err } = await polder('init')
  expect(exitCode).toBe(2)
  expect(err).toContain('E804')
  expect(err).toContain('pipelines/customers.yaml')
  expect(readFileSync(join(folder, 'pipelines/customers.yaml'), 'utf8')).toBe('mine')
  expect(existsSync(join(folder, 'polder.yaml'))).toBe(false)
})

test('init answers in the envelope', async () => {
  const { out } = await polder('init', '--json')
  expect(output.parse(JSON.parse(out))).toMatchObject({ command: 'init', result: { root: folder } })
})

test('without a project a command says where one is looked for', async () => {
  expect(await polder('plan')).toMatchObject({ exitCode: 2, err: expect.stringContaining('E802') })
  expect(await polder('plan', '--project', 'nowhere')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('The folder nowhere has no polder.yaml.'),
  })
})
