import type { FieldType } from '../core/field.ts'
import type { MappingInput } from '../core/mapping.ts'
import { escapePart } from '../core/row-id.ts'
import { type DatasetSpec, datasetRef, type TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { isCallOf, type Node, nodes } from './ast.ts'
import { idPrefix, REF, type Reference, SELF } from './reference.ts'
import type { Reporter } from './report.ts'

/** What references can lead to. */
export type ReferenceInput = Pick<MappingInput, 'target' | 'datasets'> & {
  dataset: Pick<DatasetSpec, 'pipeline' | 'name'> & { targets: Pick<TargetSpec, 'as' | 'each'>[] }
}

/** Finds what a `$ref` call points to; reports what is wrong with it. */
export function findReference(call: Node, input: ReferenceInput, report: Reporter): Reference | undefined {
  const [first, key, third] = call.arguments!
  if (!first || !key) return undefined
  for (const it of [first, third]) if (it && it.type !== 'string') return reportNoText(it, report)
  const written = String(first.value)
  const dataset = referredDataset(written, input.dataset.pipeline)
  const target = input.target(dataset)
  if (target === undefined) return reportUnknown(first, dataset, input, report)
  const as = third && String(third.value)
  if (as !== undefined && !target.as.includes(as)) return reportNoAs(third!, as, dataset, target.as, report)
  if (!checkKeyCount(key, target.keyTypes, dataset, report)) return undefined
  const dot = dataset.indexOf('.')
  return {
    prefix: idPrefix(dataset.slice(0, dot), dataset.slice(dot + 1)),
    suffix: as === undefined ? '' : `#${escapePart(as)}`,
    keyTypes: target.keyTypes,
    dataset,
  }
}

/** `dataset` is one of the same pipeline, `pipeline.dataset` one of another. */
export const referredDataset = (written: string, pipeline: string): string =>
  written.includes('.') ? written : `${pipeline}.${written}`

function reportNoText(node: Node, report: Reporter): undefined {
  report.error(
    'E218',
    node,
    'The dataset (and the "as") of $ref must be a text in quotes.',
    'Write $ref("customers", customer_id); choose between datasets with a condition around two $ref.',
  )
  return undefined
}

function reportUnknown(node: Node, dataset: string, input: ReferenceInput, report: Reporter): undefined {
  const own = `${input.dataset.pipeline}.`
  const names = input.datasets.map((it) => (it.startsWith(own) ? it.slice(own.length) : it))
  report.error(
    'E206',
    node,
    `There is no dataset "${dataset}".`,
    didYouMean(String(node.value), [...names, ...input.datasets]) ||
      `There are: ${names.join(', ') || 'none'}`,
  )
  return undefined
}

function reportNoAs(node: Node, as: string, dataset: string, known: string[], report: Reporter): undefined {
  report.error(
    'E207',
    node,
    `Dataset "${dataset}" makes no row named "${as}".`,
    `${didYouMean(as, known)}Named rows: ${known.join(', ') || 'none'}`,
  )
  return undefined
}

function checkKeyCount(
  key: Node,
  types: FieldType[] | undefined,
  dataset: string,
  report: Reporter,
): boolean {
  const given = keyItems(key).length
  if (types === undefined || types.length === given || (given === 1 && key.type !== 'unary')) return true
  report.error(
    'E222',
    key,
    `The key of "${dataset}" has ${types.length} fields, and ${given} are given.`,
    'Give the fields in the order of its key: [a, b].',
  )
  return false
}

/** The items of `[a, b]`, or the one expression. */
export const keyItems = (key: Node): Node[] =>
  key.type === 'unary' && key.value === '[' ? key.expressions! : [key]

/** Rewrites `$ref` and `$self` to calls that know their target; missing parts of a composite key keep their place. */
export function rewriteReferences(ast: Node, input: ReferenceInput, report: Reporter): Reference[] {
  const found: Reference[] = []
  const all = [...nodes(ast)]
  const called = new Set(all.filter((it) => it.type === 'function').map((it) => it.procedure))
  for (const node of all) {
    if (isCallOf(node, 'ref')) rewriteRef(node, input, report, found)
    else if (isCallOf(node, 'self')) rewriteSelf(node, input, report)
    else if (
      node.type === 'variable' &&
      (node.value === 'ref' || node.value === 'self') &&
      !called.has(node)
    ) {
      report.error('E221', node, `$${node.value} must be called with its arguments: $${node.value}(…).`)
    }
  }
  return found
}

function rewriteRef(call: Node, input: ReferenceInput, report: Reporter, found: Reference[]): void {
  const reference = findReference(call, input, report)
  if (!reference) return
  found.push(reference)
  const keys = keyItems(call.arguments![1]!)
  call.arguments = [{ type: 'value', value: found.length - 1 }, ...keys]
  call.procedure = { ...call.procedure!, value: REF }
}

function rewriteSelf(call: Node, input: ReferenceInput, report: Reporter): void {
  const suffix = selfSuffix(call, input, report)
  if (suffix === undefined) return
  call.arguments = [{ type: 'value', value: suffix }]
  call.procedure = { ...call.procedure!, value: SELF }
}

/** What `$self(…)` adds to the row's plain id. */
export function selfSuffix(call: Node, input: ReferenceInput, report: Reporter): string | undefined {
  const { dataset } = input
  const [name] = call.arguments!
  const single = dataset.targets.filter((it) => !it.each)
  if (name && name.type !== 'string') {
    report.error('E218', name, 'The name in $self must be a text in quotes.', 'Write $self("email").')
    return undefined
  }
  const names = single.flatMap((it) => it.as ?? [])
  if (name && !names.includes(String(name.value)))
    return reportNoAs(name, String(name.value), datasetRef(dataset), names, report)
  if (!name && !single.some((it) => it.as === undefined)) {
    report.error(
      'E207',
      call,
      'Every row of this dataset has a name, so $self() leads nowhere.',
      `Name one: ${names.map((it) => `$self("${it}")`).join(', ')}`,
    )
    return undefined
  }
  return name ? `#${escapePart(String(name.value))}` : ''
}
