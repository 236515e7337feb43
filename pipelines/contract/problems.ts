import type { Problem } from '../../core/errors.ts'
import type { SchemaChange } from '../../core/report.ts'
import { didYouMean, plural } from '../../core/text.ts'
import { type Context, refOf } from './context.ts'
import { type Difference, typeText } from './differences.ts'

const SHOWN = 10

/** E320: the word is freeze. */
export function brokenProblem(found: Difference[], context: Context): Problem {
  const { dataset, used } = context
  const needed = found.some((it) => it.change === 'removed' && used.has(it.field))
  return {
    code: 'E320',
    severity: 'error',
    at: placeOf(found, context),
    problem: `"${dataset.from}" is not what "${refOf(context)}" was last read with: ${differencesText(found)}.`,
    remedy: `${renames(found, context)}${needed ? 'Correct the mapping; to take the rest' : 'To take it'} as it is now: polder run ${refOf(context)} --accept-schema`,
    note: 'The contract is freeze: nothing was read or written.',
  }
}

/** E321: columns that the mapping names are gone. */
export function goneProblem(gone: Difference[], context: Context): Problem {
  const { dataset } = context
  const names = gone.map((it) => `"${it.field}"`).join(', ')
  const partly = gone.every((it) => it.change === 'removed' && it.partly)
  const accept = `If that is right: polder run ${refOf(context)} --accept-schema`
  return {
    code: 'E321',
    severity: 'error',
    at: placeOf(gone, context),
    problem: partly
      ? `The mapping of "${refOf(context)}" uses ${names}, and later files or rows of "${dataset.from}" go without.`
      : `The mapping of "${refOf(context)}" uses ${names}, which "${dataset.from}" no longer has.`,
    remedy: `${renames(gone, context)}Correct the mapping or the source.${partly || context.now.open ? ` ${accept}` : ''}`,
    note: 'A rename is never guessed, and NULL is not put in its place.',
  }
}

const placeOf = (found: Difference[], { used, dataset }: Context) =>
  found.map((it) => used.get(it.field)).find((it) => it !== undefined) ?? dataset.fromAt

/** Names that came are likelier new names of those that went than names that were there before. */
function renames(found: Difference[], { now }: Context): string {
  const gone = found.filter((it) => it.change === 'removed')
  return gone
    .map((it) =>
      didYouMean(
        it.field,
        now.fields.map(({ name }) => name).filter((name) => name !== it.field),
      ),
    )
    .join('')
}

/** The findings of differences that stop nothing. */
export function warnings(changes: SchemaChange[], found: Difference[], context: Context): Problem[] {
  const kept = found.filter((_, i) => changes[i]!.effect !== 'stops' || context.accept)
  // Whether a sparse field is really gone is known when all rows were read.
  const gone = kept.filter((it) => it.change === 'removed' && !it.sparse)
  const other = kept.filter((it) => it.change !== 'removed')
  return [
    ...(other.length > 0 ? [changedProblem(other, changes, context)] : []),
    ...(gone.length > 0 ? [removedProblem(gone, context)] : []),
  ]
}

/** E322: what came or changed, and what becomes of it. */
function changedProblem(found: Difference[], changes: SchemaChange[], context: Context): Problem {
  const { dataset, accept } = context
  const effect = changes.find((it) => it.field === found[0]!.field)!.effect
  return {
    code: 'E322',
    severity: 'warning',
    at: dataset.fromAt,
    problem: `"${dataset.from}" has changed since "${refOf(context)}" was last read: ${differencesText(found)}.`,
    remedy: accept
      ? 'Accepted by --accept-schema.'
      : REMEDIES[effect]!(refOf(context), dataset.cursor !== undefined),
  }
}

const REMEDIES: Record<string, (ref: string, hasCursor: boolean) => string> = {
  accepted: (ref, hasCursor) =>
    hasCursor
      ? `Accepted. Rows read before are as they were; to read them again: polder run ${ref} --full`
      : 'Accepted: the contract is evolve.',
  'rejects rows': (ref) =>
    `Rows with such values are rejected. To take the columns as they are now: polder run ${ref} --accept-schema`,
  'leaves out values': (ref) =>
    `Such values are left out. To take the columns as they are now: polder run ${ref} --accept-schema`,
}

/** E323: what went, and the mapping can do without. */
export function removedProblem(gone: Difference[], context: Context): Problem {
  const { dataset, accept } = context
  const names = gone.map((it) => `"${it.field}"`)
  return {
    code: 'E323',
    severity: 'warning',
    at: dataset.fromAt,
    problem: `"${dataset.from}" has no more ${shortList(names)}, which "${refOf(context)}" had when it was last read.`,
    remedy: accept
      ? 'Accepted by --accept-schema.'
      : `To forget it: polder run ${refOf(context)} --accept-schema`,
  }
}

/** `email removed; phone added (text); age integer → text`. */
function differencesText(found: Difference[]): string {
  return shortList(found.map(differenceText), '; ')
}

function differenceText(it: Difference): string {
  if (it.change === 'added') return `"${it.field}" is new (${typeText(it.now)})`
  if (it.change === 'removed')
    return it.partly ? `a later file has no "${it.field}"` : `"${it.field}" is gone`
  return `"${it.field}" was ${typeText(it.was)} and is ${typeText(it.now)}`
}

function shortList(texts: string[], joint = ', '): string {
  const more = texts.length - SHOWN
  const shown = texts.slice(0, SHOWN).join(joint)
  return more > 0 ? `${shown}${joint}and ${plural(more, 'more', 'more')}` : shown
}

/** At the first reading of files: fields that some of them go without, where NULL would surprise. */
export function partlyThere({ dataset, used, now }: Context): Problem[] {
  const partly = now.open ? [] : now.fields.filter((it) => it.optional && used.has(it.name))
  return partly.map(({ name }) => ({
    code: 'E323',
    severity: 'warning',
    at: used.get(name) ?? dataset.fromAt,
    problem: `Some later file of "${dataset.from}" has no "${name}": its rows have NULL there.`,
    remedy: 'Where files have different columns, give each kind a dataset of its own.',
  }))
}

/** E323 of rows of JSON that go without a field which all rows had before; told when the reading is over. */
export function absentProblem(name: string, rows: number, { dataset }: Context): Problem {
  return {
    code: 'E323',
    severity: 'warning',
    at: dataset.fromAt,
    problem: `${plural(rows, 'row')} of "${dataset.from}" ${rows === 1 ? 'goes' : 'go'} without "${name}", which every row had before.`,
    remedy: 'NULL stands there now. Look at the source where that is not meant.',
  }
}
