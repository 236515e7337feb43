import { didYouMean, plural } from '../core/text.ts'
import { type Node, nodes } from './ast.ts'
import type { Reporter } from './report.ts'
import { walkScope } from './scope.ts'

/** What the fields of a row or an item can be. */
export interface FieldCheck {
  /** Names of the row's fields; undefined: not known, or open. */
  fields?: string[]
  nullable?: Set<string>
  /** `shop.customers`, for messages. */
  dataset: string
  /** What a missing value would lead to, as `every party.given_name would be NULL`. */
  effect: string
  start: 'row' | 'item'
  /** A condition in which a missing value drops the row. */
  filters?: boolean
}

export function checkFields(ast: Node, check: FieldCheck, report: Reporter): void {
  const called = new Set(
    [...nodes(ast)].filter((it) => it.type === 'function').map((it) => it.procedure?.steps?.[0]),
  )
  walkScope(ast, check.start, {
    field: (context, name, node) => {
      if (context === 'row' && !called.has(node)) checkField(name, node, check, report)
    },
    node: (node, context) => {
      if (node.type === 'binary') checkComparison(node, context === check.start, check, report)
    },
  })
}

function checkField(
  name: string,
  node: Node,
  { fields, dataset, effect }: FieldCheck,
  report: Reporter,
): void {
  if (fields === undefined || fields.includes(name)) return
  report.error(
    'E204',
    node,
    `Dataset "${dataset}" has no field "${name}" (${plural(fields.length, 'field')}).`,
    `${didYouMean(name, fields)}See: polder connect discover`,
    `JSONata would return nothing here, so ${effect}.`,
  )
}

function checkComparison(node: Node, inContext: boolean, check: FieldCheck, report: Reporter): void {
  if (node.value !== '=' && node.value !== '!=') return
  const sides = [node.lhs as Node, node.rhs!]
  const other = sides.find((it) => it.type !== 'value' || it.value !== null)
  const field = other && inContext ? bareField(other) : undefined
  if (field === undefined) return
  if (sides.some((it) => it.type === 'value' && it.value === null)) warnOfNull(node, field, report)
  else if (check.filters && node.value === '!=' && check.nullable?.has(field))
    warnOfMissing(node, field, report)
}

function bareField(node: Node): string | undefined {
  const [step, ...more] = node.type === 'path' ? node.steps! : []
  return step?.type === 'name' && more.length === 0 && !step.stages ? String(step.value) : undefined
}

function warnOfNull(node: Node, field: string, report: Reporter): void {
  const instead = node.value === '=' ? `$not($exists(${field}))` : `$exists(${field})`
  report.warn(
    'E212',
    node,
    `A NULL of the source is missing here, never null: this is always false.`,
    `Write ${instead}.`,
  )
}

function warnOfMissing(node: Node, field: string, report: Reporter): void {
  report.warn(
    'E224',
    node,
    `Rows where "${field}" is NULL are left out too: a comparison with a missing value is false.`,
    `To keep them: … or $not($exists(${field})).`,
  )
}
