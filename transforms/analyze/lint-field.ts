import { didYouMean, nearest, plural } from '../../core/text.ts'
import type { Node } from '../ast.ts'
import { pathText } from './path.ts'
import { isUnknown, itemType, kindsText, LIST, OBJECT, type Type } from './type.ts'
import type { Value } from './value.ts'
import type { Walk } from './walk.ts'

/** With fewer rows than these a sample is no witness that a field does not exist. */
const MANY_ROWS = 50

/** A name is taken from `from`: has it such a field? */
export function checkField(step: Node, from: Value, walk: Walk): void {
  const type = itemType(from.type)
  if (from.src.size === 0 || from.dep.size > 0 || from.fields || from.rest || isUnknown(type)) return
  const name = String(step.value)
  if (type.kinds !== 0 && !(type.kinds & (OBJECT | LIST))) reportScalar(step, from, type, walk)
  else if (type.fields?.has(name) || !type.fields) return
  else if (type.closed) reportUnknown(step, from, type, walk)
  else if (type.sampled) warnOfUnseen(step, from, type, type.sampled, walk)
}

const places = (from: Value): string => [...from.src].map(pathText).join(', ')
const noteOf = ({ effect }: Walk): string => `JSONata would return nothing here, so ${effect}.`

function reportUnknown(step: Node, from: Value, { fields }: Type, walk: Walk): void {
  const names = [...fields!.keys()]
  walk.report.error(
    'E204',
    step,
    `${ownerOf(from, walk)} has no field "${step.value}" (${plural(names.length, 'field')}).`,
    `${didYouMean(String(step.value), names)}See: polder connect discover`,
    noteOf(walk),
  )
}

const ownerOf = (from: Value, { dataset }: Walk): string =>
  from.src.has('') ? `Dataset "${dataset}"` : `"${places(from)}"`

function warnOfUnseen(step: Node, from: Value, { fields }: Type, sampled: number, walk: Walk): void {
  const near = nearest(String(step.value), fields!.keys())
  if (near === undefined && sampled < MANY_ROWS) return
  const share = near === undefined ? undefined : fields!.get(near)!.share
  const seen = share === undefined ? '' : ` (present in ${percent(share)} of ${plural(sampled, what(from))})`
  walk.report.warn(
    'E204',
    step,
    `${ownerOf(from, walk)} has no field "${step.value}" in ${plural(sampled, what(from))}.`,
    near === undefined ? 'See: polder connect discover' : `Did you mean "${near}"?${seen}`,
    noteOf(walk),
  )
}

const what = (from: Value): string => (from.src.has('') ? 'sampled row' : 'sampled value')

/** `99.8 %`, and 100 only where it is all. */
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`

function reportScalar(step: Node, from: Value, type: Type, walk: Walk): void {
  const add = type.sure ? walk.report.error : walk.report.warn
  add(
    'E223',
    step,
    `"${places(from)}" is ${kindsText(type.kinds)} and has no fields, so not "${step.value}" either.`,
    `Take ${places(from)} itself, or look what there is: polder connect discover`,
    noteOf(walk),
  )
}

/** A grouping of nothing is an object all the same. */
export function checkGrouped(key: Node, value: Value, { report, asked }: Walk): void {
  const [place, ...more] = [...value.src].map(pathText)
  if (place === undefined || more.length > 0 || !(value.type.share! < 1) || asked.has(place)) return
  report.warn(
    'E233',
    key,
    `Where ${place} is missing or empty, this grouping gives an object all the same, and not NULL.`,
    `Ask first: $exists(${place}) ? …`,
  )
}
