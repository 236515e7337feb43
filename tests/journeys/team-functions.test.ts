import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PreviewReport } from '../../core/report.ts'
import { emptyProject, type TestProject } from '../support/project.ts'

const PIPELINE = `pipeline: shop
connection: files
datasets:
  people:
    from: people.jsonl
    key: id
    to:
      party:
        kind: { is: person }
        full_name: $full(first, last)
        family_name: $half(last)
`

let project: TestProject
beforeAll(async () => {
  project = await emptyProject()
  await project.write({
    'polder.yaml': 'warehouse:\n  type: duckdb\n  path: ./w.duckdb\n',
    'config/connections.yaml': 'files:\n  connector: files\n  path: ./*.jsonl\n',
    'pipelines/shop.yaml': PIPELINE,
    'transforms/full.jsonata': 'function($a, $b) {\n  $tidy($a) & " " & $tidy($b)\n}\n',
    'transforms/tidy.jsonata': 'function($t) { $trim($t) }\n',
    'transforms/half.jsonata': 'function($t) { $number($t) > 0 ? $t : $t }\n',
    'people.jsonl': '{"id":1,"first":" Ada ","last":"7"}\n{"id":2,"first":"Bo","last":"x"}\n',
  })
})
afterAll(() => project?.remove())

test('a mapping calls functions of transforms/', async () => {
  const { result } = await project.json<PreviewReport>(['preview', 'shop.people'])
  expect(result.rows[0]!.out.party).toMatchObject([{ full_name: 'Ada 7', family_name: '7' }])
  expect(result.rows[1]!.reject!.reason).toContain('a value cannot be made a number (D3030)')
})

test('validate finds what is wrong in a function, used or not, at its place', async () => {
  await project.write({ 'transforms/spare.jsonata': 'function($x) {\n  $uppercas($x)\n}\n' })
  const { code, stderr, stdout } = await project.polder(['validate'])
  expect(code).toBe(2)
  expect(`${stdout}${stderr}`).toContain('transforms/spare.jsonata:2:3')
  expect(`${stdout}${stderr}`).toContain('$uppercase')
})
