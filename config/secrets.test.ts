import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { problemJson } from '../core/problem-json.ts'
import { redact } from '../core/secrets.ts'
import { renderProblems } from './render.ts'
import { checkFiles, pipelineTo } from './testing/project.ts'

const folder = mkdtempSync(join(tmpdir(), 'polder-config-'))
const root = join(folder, 'project')
mkdirSync(join(root, 'secrets'), { recursive: true })
writeFileSync(join(root, 'secrets', 'pw'), 'from-a-file\r\n')
writeFileSync(join(root, 'secrets', 'empty'), '\n')
writeFileSync(join(root, 'secrets', 'large'), 'x'.repeat(70_000))
writeFileSync(join(folder, 'outside'), 'elsewhere\n')
symlinkSync(join(folder, 'outside'), join(root, 'secrets', 'link'))
afterAll(() => rmSync(folder, { recursive: true }))

const shop = (lines: string) => ({ 'config/connections.yaml': `shop_db:\n  connector: postgres\n${lines}\n` })

function optionsOf(lines: string, env: NodeJS.ProcessEnv = {}) {
  const { project, problems } = checkFiles(shop(lines), { env, root })
  expect(problems).toEqual([])
  return project!.connections[0]!.options
}

const codesOf = (lines: string, env: NodeJS.ProcessEnv = {}) =>
  checkFiles(shop(lines), { env, root }).problems.map((it) => it.code)

test('references are resolved, alone and inside a longer text', () => {
  const env = { SHOP: 'postgres://u:p4ss-one@h/db', PW: 'p4ss-two', PORT: '6543', TLS: 'true', NAME: 'me' }
  expect(
    optionsOf(
      '  url: ${env:SHOP}\n  password: "${env:PW}"\n  port: ${env:PORT}\n  tls: ${env:TLS}\n  user: ${env:NAME}-ro\n  tables: [ "a${env:PORT}", b ]',
      env,
    ),
  ).toEqual({
    url: env.SHOP,
    password: 'p4ss-two',
    port: 6543,
    tls: true,
    user: 'me-ro',
    tables: ['a6543', 'b'],
  })
  expect(optionsOf('  url: postgres://h/db\n  password: ${file:secrets/pw}').password).toBe('from-a-file')
  expect(optionsOf('  url: postgres://h/db\n  tables: one').tables).toEqual(['one'])
})

test('a reference inside a URL stands for the password itself, whatever its characters', () => {
  const { url } = optionsOf('  url: postgres://${env:USER_}:${env:PW}@${env:HOST_}/db?x=${env:PW}', {
    USER_: 'a@b',
    PW: 'p/4#s:s%',
    HOST_: 'h:1',
  })
  expect(url).toBe('postgres://a%40b:p%2F4%23s%3As%25@h:1/db?x=p/4#s:s%')
  const { username, password, host } = new URL(String(url))
  expect([username, password, host].map(decodeURIComponent)).toEqual(['a@b', 'p/4#s:s%', 'h:1'])
})

test('what was resolved is masked from then on, in every form', () => {
  optionsOf('  url: ${env:A}\n  password: Bearer ${env:B}\n  user: ${file:secrets/pw}', {
    A: 'postgres://u:whole%2Furl-1@h/db',
    B: 'canary-token-2',
  })
  const text = redact('whole%2Furl-1 whole/url-1 canary-token-2 Bearer canary-token-2 from-a-file')
  expect(text).not.toMatch(/whole|canary|from-a/)
  expect(redact(Buffer.from('canary-token-2').toString('base64'))).toContain('***')
})

test('a plain option from the environment is not taken for a secret', () => {
  optionsOf('  url: postgres://${env:SOME_HOST}/db\n  user: ${env:SOME_USER}', {
    SOME_HOST: 'warehouse.example',
    SOME_USER: 'reporting',
  })
  expect(redact('warehouse.example reporting')).toBe('warehouse.example reporting')
})

test('secret files stay inside the project, links included', () => {
  const password = (path: string) => codesOf(`  url: postgres://h/db\n  password: \${file:${path}}`)
  expect(password('secrets/pw')).toEqual([])
  for (const path of [
    '../outside',
    'secrets/link',
    'secrets/none',
    'secrets/empty',
    'secrets/large',
    'secrets',
    '.',
  ])
    expect(password(path), path).toEqual(['E133'])
  expect(password(join(folder, 'outside'))).toEqual(['E133'])
})

test('an unset and an empty variable are named, all at once', () => {
  const { problems } = checkFiles(
    shop('  url: ${env:NOT_THERE}\n  password: ${env:EMPTY}\n  user: ${env:toString}'),
    {
      env: { EMPTY: '' },
    },
  )
  expect(problems.map((it) => it.problem)).toEqual([
    'The environment variable NOT_THERE is not set.',
    'The environment variable EMPTY is empty.',
    'The environment variable toString is not set.',
  ])
})

/** Every way in which `c4nary` may stand where it should not. */
const LEAKS: Record<string, Record<string, string>> = {
  'a secret as text': shop('  password: c4nary'),
  'a secret in quotes': shop('  password: "c4nary # \\x61"'),
  'a secret in a block': shop('  password: |\n    c4nary\n    c4nary'),
  'a secret over lines': shop('  password: c4nary\n    c4nary'),
  'a secret with a reference beside it': shop('  pasword: c4nary${env:NONE}c4nary'),
  'a short secret': shop('  password: c4n'),
  'a number as a secret': shop('  password: 42424242'),
  'a list as a secret': shop('  password: [c4nary, { a: c4nary }]'),
  'a secret under a wrong name': shop('  pasword: c4nary\n  foo: c4nary'),
  'a secret under an unknown connector': {
    'config/connections.yaml': 'a:\n  connector: nope\n  foo: c4nary\n  apiKey: c4nary\n',
  },
  'a secret without a connector': { 'config/connections.yaml': 'a:\n  foo: c4nary\n' },
  'a password in a URL': shop('  url: postgres://u:c4nary@h/db'),
  'a password in a broken URL': shop('  url: postgres://u:c4nary/x@h/db:x'),
  'a password in no URL': shop('  url: u:c4nary@h'),
  'a password beside a reference': shop('  url: postgres://u:c4nary${env:NONE}@h/db'),
  'a password in an escaped URL': shop('  url: "postgres://u:c4n\\x61ry@h/db"'),
  'a password in a text option': shop('  url: postgres://h/db\n  user: x://u:c4nary@h'),
  'a secret in a comment': shop('  # password: c4nary\n  # postgres://u:c4nary@h\n  usr: x'),
  'a secret before a syntax error': shop('  password: c4nary\n  user: "x'),
  'a secret inside a syntax error': shop('  password: "c4nary'),
  'a secret that is a tag': shop('  password: !c4nary x'),
  'a secret that is an alias': shop('  password: *c4nary'),
  'a secret in flow style': {
    'config/connections.yaml': 'a: { connector: postgres, password: c4nary, url: ]\n',
  },
  'a secret of the warehouse': {
    'polder.yaml': 'warehouse:\n  type: mysql\n  url: mysql://h/db\n  password: c4nary\n  foo: c4nary\n',
  },
  'a secret of an unknown warehouse': {
    'polder.yaml': 'warehouse:\n  type: nope\n  url: mysql://u:c4nary@h/db\n  pass: c4nary\n',
  },
  'a password in a pipeline': {
    'pipelines/shop.yaml': pipelineTo('party: { kind: { is: persn }, given_name: "https://u:c4nary@h" }'),
  },
  'a password in a description': { 'schema/a.yaml': 'table: party\ndescription: see http://u:c4nary@h/\n' },
}

/** A value of its own for every case: what another case has registered proves nothing. */
const CASES = Object.entries(LEAKS).map(([name, files], index) => {
  const own = Object.entries(files).map(([path, text]) => [path, text.replaceAll('nary', `nary${index}`)])
  return [name, Object.fromEntries(own) as Record<string, string>] as const
})

test.each(CASES)('%s is never printed', (_name, files) => {
  const { problems } = checkFiles(files, { root })
  expect(problems.length).toBeGreaterThan(0)
  const printed = [
    renderProblems(problems, { color: false, context: 99 }),
    renderProblems(problems, { color: true }),
    JSON.stringify(problems.map(problemJson)),
    JSON.stringify(problems),
  ].join('\n')
  expect(printed).not.toMatch(/c4n|\\x61ry|42424242/)
})

test('the excerpt of a secret shows stars under the caret, and the reference to write instead', () => {
  const text = renderProblems(checkFiles(shop('  url: postgres://h/db\n  password: hunter22')).problems, {
    color: false,
  })
  expect(text).toBe(`config/connections.yaml:4:13  error E131  secret written in the file

   2 │   connector: postgres
   3 │   url: postgres://h/db
   4 │   password: ********
     │             ^^^^^^^^ "password" is a secret and stands in the file.

  help: Write password: \${env:PASSWORD} and set the variable, or \${file:path}.
  note: Was this file ever committed or shared? Then change the secret.
  more: polder explain E131
`)
})
