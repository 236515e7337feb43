import { expect, test } from 'vitest'
import { explain } from '../core/catalog/index.ts'
import { placeText } from '../core/place.ts'
import { checkFiles, pipelineTo } from './testing/project.ts'

/** Wrong YAML: `§` stands where the finding must point. Exactly this one finding is expected. */
type Fault = [code: string, why: string, file: 'polder' | 'connections' | 'pipeline' | 'schema', text: string]

const PATHS = {
  polder: 'polder.yaml',
  connections: 'config/connections.yaml',
  pipeline: 'pipelines/shop.yaml',
  schema: 'schema/own.yaml',
}

const party = (columns: string) => pipelineTo(`party:\n  kind: { is: person }\n${columns}`)
const head = 'pipeline: shop\nconnection: shop_db\n'
const dataset = (lines: string) =>
  `${head}datasets:\n  customers:\n    from: public.customers\n${lines}\n    to: { party: { kind: { is: person } } }\n`
const visit = (line: string, cursor = '    cursor: updated_at\n') =>
  pipelineTo(`visit:\n  kind: { is: a }\n  page: url\n  ${line}`).replace('    to:', `${cursor}    to:`)
const tests = (lines: string) => `${dataset('    key: id')}tests:\n${lines}\n`
const connection = (lines: string) => `shop_db:\n  connector: postgres\n  url: postgres://h/db\n${lines}\n`
const table = (columns: string) => `table: card\ndescription: A loyalty card\ncolumns:\n${columns}\n`

const FAULTS: Fault[] = [
  // YAML
  ['E101', 'a tab as indentation', 'polder', 'warehouse:\n§\ttype: duckdb\n'],
  ['E101', 'an open quote', 'polder', 'timezone: "UTC\n§'],
  ['E101', 'a star that is no alias', 'pipeline', party('  given_name: §*.x')],
  ['E101', 'indentation that fits nothing', 'polder', 'warehouse:\n    type: duckdb\n§  path: x\n'],
  ['E102', 'a key twice', 'pipeline', party('  given_name: a\n  §given_name: b')],
  [
    'E102',
    'a dataset twice',
    'pipeline',
    `${dataset('    key: id')}  §customers: { from: x, to: { party: { kind: { is: person } } } }\n`,
  ],
  ['E103', 'a file over 1 MB', 'polder', `§timezone: UTC\n#${'x'.repeat(1_000_001)}`],
  ['E104', 'a hundred and more levels', 'polder', `timezone: ${'['.repeat(100)}§[${']'.repeat(101)}\n`],
  ['E104', 'an anchor inside itself', 'polder', 'timezone: &a [§*a]\n'],
  [
    'E105',
    'aliases that explode',
    'polder',
    `a: &a [x${',x'.repeat(99)}]\nb: &b [*a${',*a'.repeat(98)},§*a]\nc: [*b,*b]\n`,
  ],
  ['E106', 'two documents', 'polder', 'timezone: UTC\n§---\ntimezone: UTC\n'],
  ['E107', 'a tag', 'polder', 'timezone: §!zone UTC\n'],
  ['E107', 'a YAML 1.1 tag', 'polder', 'timezone: §!!binary aGk=\n'],
  ['E107', 'YAML 1.1', 'polder', '§%YAML 1.1\n---\ntimezone: UTC\n'],
  // shape
  ['E111', 'an unknown key of the project', 'polder', '§timezon: UTC\n'],
  ['E111', 'an unknown key of a pipeline', 'pipeline', `${dataset('    key: id')}§dataset: {}\n`],
  ['E111', 'an unknown key of a dataset', 'pipeline', dataset('    §curser: updated_at')],
  [
    'E111',
    'an unknown key of a column',
    'pipeline',
    party('  status:\n    from: state\n    §mapping: { A: lead }'),
  ],
  ['E111', 'an unknown key of a test', 'pipeline', tests('  - name: x\n    rejected: 0\n    §gven: {}')],
  [
    'E111',
    'a test with steps and given',
    'pipeline',
    tests('  - name: x\n    §given: {}\n    steps: [ { rejected: 0 } ]'),
  ],
  [
    'E111',
    'an unknown key of a schema column',
    'schema',
    table('  no: { type: text, §pi: name, description: x }'),
  ],
  [
    'E112',
    'no name',
    'pipeline',
    '§connection: shop_db\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n',
  ],
  [
    'E112',
    'no connection',
    'pipeline',
    '§pipeline: shop\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n',
  ],
  ['E112', 'no datasets', 'pipeline', '§pipeline: shop\nconnection: shop_db\n'],
  ['E112', 'no from', 'pipeline', `${head}datasets:\n  §c:\n    to: { party: { kind: { is: person } } }\n`],
  ['E112', 'no to', 'pipeline', `${head}datasets:\n  §c:\n    from: x\n`],
  ['E112', 'a test without a name', 'pipeline', tests('  - §rejected: 0')],
  ['E112', 'no connector', 'connections', '§shop_db:\n  url: postgres://h/db\n'],
  ['E112', 'no warehouse type', 'polder', '§warehouse:\n  path: x.duckdb\n'],
  [
    'E112',
    'a table without a description',
    'schema',
    'table: §card\ncolumns: { no: { type: text, description: x } }\n',
  ],
  ['E112', 'a column without a type', 'schema', table('  §no: { description: x }')],
  ['E113', 'a list for a mapping', 'polder', 'warehouse: §[duckdb]\n'],
  [
    'E113',
    'a number for a name',
    'pipeline',
    `pipeline: §7\nconnection: shop_db\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n`,
  ],
  ['E113', 'a mapping for a key', 'pipeline', dataset('    key: §{ a: b }')],
  ['E113', 'a list for a file', 'pipeline', '§- pipeline: shop\n'],
  ['E113', 'attributes that are a text', 'pipeline', party('  attributes: §all')],
  [
    'E113',
    'rows that are no list',
    'pipeline',
    tests('  - name: x\n    rejected: 0\n    given: { customers: §{ a: 1 } }'),
  ],
  ['E113', 'a negative count', 'pipeline', tests('  - name: x\n    rejected: §-1')],
  [
    'E113',
    'a number that JSON does not have',
    'pipeline',
    tests('  - name: x\n    rejected: 0\n    given: { customers: [ { a: §.inf } ] }'),
  ],
  ['E113', 'a commit of no rows', 'polder', 'commit: { rows: §0 }\n'],
  ['E114', 'an empty file', 'pipeline', '§'],
  ['E114', 'a key without value', 'pipeline', dataset('    §cursor:')],
  ['E114', 'a column without value', 'pipeline', party('  §given_name:')],
  ['E114', 'an empty text', 'pipeline', party('  given_name: §""')],
  ['E114', 'an empty key', 'pipeline', dataset('    key: [id, §""]')],
  [
    'E115',
    'capitals in a dataset',
    'pipeline',
    `${head}datasets:\n  §Customers:\n    from: x\n    to: { party: { kind: { is: person } } }\n`,
  ],
  ['E115', 'a long column', 'schema', table(`  §${'c'.repeat(41)}: { type: text, description: x }`)],
  ['E115', 'blanks in as', 'pipeline', party('  as: §the one')],
  ['E116', 'a field twice in the key', 'pipeline', dataset('    key: [id, §id]')],
  ['E116', 'a test twice', 'pipeline', tests('  - { name: x, rejected: 0 }\n  - { name: §x, rejected: 0 }')],
  [
    'E116',
    'an allowed value twice',
    'schema',
    table('  no: { type: text, values: [a, §a], description: x }'),
  ],
  ['E117', 'an unknown load', 'pipeline', dataset('    load: §atuo')],
  ['E117', 'unknown doubles', 'pipeline', dataset('    doubles: §near')],
  ['E117', 'an unknown invalid', 'pipeline', party('  birth_date: { from: dob, invalid: §ignore }')],
  [
    'E117',
    'an unknown history',
    'schema',
    'table: card\ndescription: x\nhistory: §always\ncolumns: { no: { type: text, description: x } }\n',
  ],
  ['E118', 'a zone of the project', 'polder', 'timezone: §Europe/Amsterdm\n'],
  ['E118', 'an offset as a zone', 'polder', 'timezone: §+01:00\n'],
  ['E118', 'a zone of a connection', 'connections', connection('  timezone: §Mars/Base')],
  ['E118', 'a zone of a dataset', 'pipeline', dataset('    timezone: §CEST')],
  ['E118', 'a zone of a column', 'pipeline', party('  registered_at: { from: t, zone: §Amsterdam }')],
  [
    'E119',
    'six fields',
    'pipeline',
    `${head}schedule: §0 0 * * * *\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n`,
  ],
  [
    'E119',
    'an hour that does not exist',
    'pipeline',
    `${head}schedule: "0 §24 * * *"\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n`,
  ],
  ['E117', 'a contract of no known word', 'pipeline', dataset('    contract: §freez')],
  ['E145', 'lookback without a cursor', 'pipeline', dataset('    §lookback: 10m')],
  ['E145', 'start without a cursor', 'pipeline', dataset('    §start: 2024-01-01')],
  ['E145', 'remap: forward without a cursor', 'pipeline', dataset('    §remap: forward')],
  ['E145', 'deletes: scan without a cursor', 'pipeline', dataset('    §deletes: scan')],
  ['E145', 'deletes: source without a cursor', 'pipeline', dataset('    §deletes: source')],
  ['E145', 'key_scan without a cursor', 'pipeline', dataset('    §key_scan: "@daily"')],
  [
    'E145',
    'key_scan of a pipeline without cursors',
    'pipeline',
    `§key_scan: "@daily"\n${dataset('    key: id')}`,
  ],
  [
    'E119',
    'a rhythm of key_scan that is none',
    'pipeline',
    dataset('    cursor: t\n    key_scan: "§@yearly"'),
  ],
  ['E146', 'a lookback in weeks', 'pipeline', dataset('    cursor: t\n    lookback: §2w')],
  ['E119', 'a rhythm that is none', 'pipeline', dataset('    cursor: t\n    full: "§@yearly"')],
  ['E117', 'a remap that is none', 'pipeline', dataset('    remap: §never')],
  ['E111', 'append_on of a whole dataset', 'pipeline', dataset('    §append_on: status')],
  [
    'E161',
    'append_on where rows are replaced',
    'pipeline',
    party('  given_name: a\n  §append_on: given_name'),
  ],
  ['E162', 'append_on of an unknown column', 'pipeline', visit('append_on: §typ')],
  ['E162', 'append_on of a column that is not mapped', 'pipeline', visit('append_on: [page, §value]')],
  ['E162', 'append_on of a constant', 'pipeline', visit('append_on: §kind')],
  ['E116', 'append_on of a column twice', 'pipeline', visit('append_on: [page, §page]')],
  ['E114', 'append_on of nothing', 'pipeline', visit('§append_on:')],
  ['E113', 'append_on of an object', 'pipeline', visit('append_on: §{ page: x }')],
  ['E113', 'append_on of no column', 'pipeline', visit('append_on: §[]')],
  [
    'E154',
    'append_on without time and cursor',
    'pipeline',
    visit('append_on: page', '').replace('visit', '§visit'),
  ],
  ['E163', 'same_as without $ref', 'pipeline', party('  same_as: §merged_into')],
  [
    'E163',
    'same_as outside of party',
    'pipeline',
    visit('occurred_at: at\n  §same_as: $ref("customers", other)'),
  ],
  ['E112', 'a look-up without on', 'pipeline', dataset('    with: { §category: { from: c } }')],
  ['E112', 'a look-up without from', 'pipeline', dataset('    with: { §category: { on: c } }')],
  [
    'E111',
    'an unknown key of a look-up',
    'pipeline',
    dataset('    with: { a: { from: c, on: d, §onn: e } }'),
  ],
  ['E113', 'a look-up that is a name', 'pipeline', dataset('    with: { category: §categories }')],
  [
    'E115',
    'a look-up of a name that none can have',
    'pipeline',
    dataset('    with: { §Ca: { from: c, on: d } }'),
  ],
  ['E116', 'a look-up by a field twice', 'pipeline', dataset('    with: { a: { from: c, on: [d, §d] } }')],
  [
    'E113',
    'many that is no truth value',
    'pipeline',
    dataset('    with: { a: { from: c, on: d, many: §yes } }'),
  ],
  ['E165', 'many without key', 'pipeline', dataset('    with: { a: { from: c, on: d, §many: true } }')],
  [
    'E165',
    'fewer columns than fields',
    'pipeline',
    dataset('    with: { a: { from: c, on: [d, e], §key: f } }'),
  ],
  ['E120', 'with under a table', 'pipeline', party('  §with: x')],
  // warehouse and connections
  ['E121', 'an unknown warehouse', 'polder', 'warehouse: { type: §duckdbb, path: x }\n'],
  ['E122', 'an unknown connector', 'connections', 'shop_db:\n  connector: §postgre\n'],
  ['E123', 'an unknown option', 'connections', connection('  §usr: me')],
  ['E123', 'an unknown option of the warehouse', 'polder', 'warehouse: { type: duckdb, path: x, §pth: y }\n'],
  ['E124', 'an option missing', 'connections', '§shop_db:\n  connector: postgres\n'],
  ['E125', 'no number', 'connections', connection('  port: §abc')],
  ['E125', 'no truth value', 'connections', connection('  tls: §perhaps')],
  ['E125', 'no choice', 'connections', connection('  mode: §slow')],
  ['E125', 'no URL', 'connections', 'shop_db:\n  connector: postgres\n  url: §localhost\n'],
  [
    'E126',
    'one schema for both',
    'polder',
    'warehouse:\n  type: duckdb\n  path: x\n  schema: a\n  §internal: a\n',
  ],
  ['E127', 'a path that climbs', 'connections', 'shop_db:\n  connector: files\n  path: §data/../../x.csv\n'],
  ['E127', 'an absolute path', 'connections', 'shop_db:\n  connector: files\n  path: §/etc/passwd\n'],
  ['E131', 'a secret in the file', 'connections', connection('  password: §hunter22')],
  ['E132', 'a variable that is not set', 'connections', connection('  user: me-§${env:NOBODY}')],
  [
    'E132',
    'a variable inside a quoted URL',
    'connections',
    'shop_db:\n  connector: postgres\n  url: "postgres://u:§${env:PW}@h/db"\n',
  ],
  ['E133', 'a secret file outside', 'connections', connection('  password: §${file:../../etc/hostname}')],
  ['E134', 'a reference without a kind', 'connections', connection('  password: §${PW}')],
  ['E134', 'an unknown kind', 'connections', connection('  password: §${vault:pw}')],
  ['E134', 'an open reference', 'connections', connection('  password: §${env:PW')],
  [
    'E135',
    'a password in a URL',
    'connections',
    'shop_db:\n  connector: postgres\n  url: postgres://u:§hunter22@h/db\n',
  ],
  ['E135', 'a password in a text', 'pipeline', dataset('    where: \'site = "https://u:§hunter22@h/"\'')],
  // pipelines
  [
    'E141',
    'an unknown connection',
    'pipeline',
    'pipeline: shop\nconnection: §shopdb\ndatasets: { c: { from: x, to: { party: { kind: { is: person } } } } }\n',
  ],
  ['E142', 'no dataset', 'pipeline', `${head}§datasets: {}\n`],
  ['E142', 'no table', 'pipeline', `${head}datasets: { c: { from: x, §to: {} } }\n`],
  [
    'E143',
    'a default of no table',
    'pipeline',
    dataset('    key: id').replace('datasets:', 'defaults: { §currncy: x }\ndatasets:'),
  ],
  [
    'E143',
    'a default that none takes',
    'pipeline',
    dataset('    key: id').replace('datasets:', 'defaults: { §currency: x }\ndatasets:'),
  ],
  // targets
  ['E151', 'an unknown table', 'pipeline', pipelineTo('§partij: { kind: { is: person } }')],
  ['E152', 'an unknown column', 'pipeline', party('  §givenname: a')],
  ['E153', 'a system column', 'pipeline', party('  §id: a')],
  ['E154', 'a required column missing', 'pipeline', pipelineTo('§party:\n  given_name: a')],
  [
    'E154',
    'a required column of one row in a list',
    'pipeline',
    pipelineTo(
      'identifier:\n  - as: mail\n    type: { is: email }\n    value: a\n  - §as: phone\n    value: b',
    ),
  ],
  ['E154', 'no order to point to', 'pipeline', pipelineTo('§order_line: { sku: sku }')],
  [
    'E154',
    'several orders to point to',
    'pipeline',
    pipelineTo('sales_order: { each: o, key: n, party_id: p }\n§order_line: { sku: sku }'),
  ],
  ['E155', 'a constant that is not allowed', 'pipeline', pipelineTo('party: { kind: { is: §persn } }')],
  ['E155', 'a number for a date', 'pipeline', party('  birth_date: §20240131')],
  ['E155', 'a day that does not exist', 'pipeline', party('  birth_date: { is: §2023-02-29 }')],
  ['E155', 'a truth value for a number', 'pipeline', party('  employees: §true')],
  ['E155', 'a text that is too long', 'pipeline', party('  language: { is: §dutch }')],
  ['E155', 'digits that do not fit', 'pipeline', pipelineTo('sales_order: { party_id: p, net: §1.23456 }')],
  [
    'E156',
    'a replacement that is not allowed',
    'pipeline',
    party('  status: { from: s, map: { A: §custmer } }'),
  ],
  [
    'E156',
    'a default that is not allowed',
    'pipeline',
    party('  status: { from: s, map: { A: lead }, default: §none }'),
  ],
  [
    'E157',
    'a row without a name',
    'pipeline',
    pipelineTo(
      'identifier:\n  - as: mail\n    type: { is: email }\n    value: a\n  - §type: { is: phone }\n    value: b',
    ),
  ],
  [
    'E157',
    'a name twice',
    'pipeline',
    pipelineTo('identifier:\n  - { as: mail, type: a, value: a }\n  - { as: §mail, type: a, value: b }'),
  ],
  ['E158', 'each without key', 'pipeline', party('  §each: lines')],
  ['E158', 'key without each', 'pipeline', party('  §key: id')],
  ['E159', 'is and from', 'pipeline', party('  status: { is: lead, §from: s }')],
  ['E159', 'is and map', 'pipeline', party('  status: { is: lead, §map: { A: lead } }')],
  ['E159', 'neither is nor from', 'pipeline', party('  §status: { map: { A: lead } }')],
  ['E160', 'a zone of a text', 'pipeline', party('  given_name: { from: a, §zone: UTC }')],
  // expressions that YAML cuts
  ['E171', 'a comment inside a text', 'pipeline', party('  given_name: §$replace(a, " #", "")')],
  [
    'E171',
    'a positional variable',
    'pipeline',
    party('  given_name: §items #$i.{ "n": $i }'.replace(': $i', ' $i')),
  ],
  ['E171', 'a comment behind an operator', 'pipeline', party('  given_name: §a & # and the rest')],
  [
    'E171',
    'a comma in flow style',
    'pipeline',
    party('  given_name: { from: §$join([a, b]), invalid: missing }'.replace('[a, b]', 'a, b')),
  ],
  [
    'E171',
    'a comma in a target in flow style',
    'pipeline',
    pipelineTo('party: { kind: { is: person }, given_name: §$f(a, b), family_name: c }'),
  ],
  [
    'E171',
    'brackets in flow style',
    'pipeline',
    party('  given_name: { from: names§[0], invalid: missing }'),
  ],
  ['E171', 'quoted text and more', 'pipeline', party('  given_name: "Mr " §& first_name')],
  ['E171', 'a condition', 'pipeline', party('  given_name: §a ? b : c')],
  [
    'E171',
    'an object in an expression',
    'pipeline',
    pipelineTo(
      'identifier: { type: { is: a }, value: v }\nparty:\n  kind: { is: person }\n  attributes:\n    x: §$y.{ "a": b }',
    ),
  ],
  ['E171', 'a parent operator', 'pipeline', party('  given_name: §%.name')],
  [
    'E171',
    'a text cut at a comma',
    'pipeline',
    pipelineTo('identifier: { type: { is: Ahold, §Delhaize }, value: v }'),
  ],
  ['E172', 'a list as an expression', 'pipeline', party('  given_name: §[a, b]')],
  [
    'E172',
    'a JSONata object read as a mapping',
    'pipeline',
    pipelineTo('identifier: { type: t, value: v, parts: §{ "street": s } }'),
  ],
  ['E172', 'a mapping in block style', 'pipeline', party('  given_name:\n    §first: a')],
  ['E172', 'a truth value as a condition', 'pipeline', party('  when: §true')],
  ['E172', 'a number as a condition', 'pipeline', dataset('    where: §1')],
  ['E173', 'a bare date', 'pipeline', party('  birth_date: §2024-01-31')],
  ['E174', 'yes for a truth value', 'pipeline', party('  active: §yes')],
  // schema
  ['E181', 'an unknown type', 'schema', table('  no: { type: §string, description: x }')],
  ['E181', 'too many digits', 'schema', table('  no: { type: §"decimal(39,2)", description: x }')],
  [
    'E181',
    'a scale beyond the precision',
    'schema',
    table('  no:\n    type: §decimal(4,5)\n    description: x'),
  ],
  [
    'E182',
    'a column that exists',
    'schema',
    'table: party\ncolumns:\n  §given_name: { type: text, description: x }\n',
  ],
  ['E183', 'a system column', 'schema', table('  §loaded_at: { type: timestamp, description: x }')],
  ['E183', 'a key of targets', 'schema', table('  §key: { type: text, description: x }')],
  ['E183', 'a key of targets to come', 'schema', table('  §same_as: { type: text, description: x }')],
  [
    'E184',
    'a reference to nothing',
    'schema',
    table('  §who: { type: id, references: partij, description: x }'),
  ],
  ['E185', 'values of a number', 'schema', table('  no: { type: integer, §values: [1], description: x }')],
  [
    'E185',
    'a reference of a text',
    'schema',
    table('  no: { type: text, §references: party, description: x }'),
  ],
  [
    'E186',
    'an extension that redescribes',
    'schema',
    'table: party\n§description: x\ncolumns: { vip: { type: boolean, description: x } }\n',
  ],
  // tests
  ['E191', 'a test without expectation', 'pipeline', tests('  - §name: x\n    given: { customers: [] }')],
  ['E191', 'steps without expectation', 'pipeline', tests('  - §name: x\n    steps: [ { given: {} } ]')],
  [
    'E192',
    'a dataset that is not there',
    'pipeline',
    tests('  - name: x\n    rejected: 0\n    given: { §custmers: [] }'),
  ],
  ['E193', 'a table that is not there', 'pipeline', tests('  - name: x\n    expect: { §partys: [] }')],
  [
    'E193',
    'a column that is not there',
    'pipeline',
    tests('  - name: x\n    expect: { party: [ { §name: Ada } ] }'),
  ],
]

function expectedPlace(path: string, marked: string): string {
  const before = marked.slice(0, marked.indexOf('§')).split('\n')
  return `${path}:${before.length}:${before.at(-1)!.length + 1}`
}

test.each(FAULTS)('%s: %s (%s)', (code, _why, file, marked) => {
  const path = PATHS[file]
  const { problems } = checkFiles({ [path]: marked.replace('§', '') })
  const found = problems.map((it) => `${it.code} ${it.at ? placeText(it.at) : '-'}`)
  expect(found, JSON.stringify(problems.map((it) => it.problem))).toEqual([
    `${code} ${expectedPlace(path, marked)}`,
  ])
})

test('every finding has a next step, and its code a page', () => {
  for (const [, , file, marked] of FAULTS)
    for (const problem of checkFiles({ [PATHS[file]]: marked.replace('§', '') }).problems) {
      expect(problem.remedy, problem.problem).toBeTruthy()
      expect(explain(problem.code), problem.code).toBeDefined()
    }
})
