import type { Problem } from '../../core/errors.ts'
import type { Field } from '../../core/field.ts'
import { canonicalDecimal } from '../../core/number.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import { Changed, coerce, Misfit } from '../../transforms/index.ts'
import type { LookedUp } from '../lookup/print.ts'
import type { DatasetState, ModeAsk } from '../run/mode.ts'
import { nextDue, parseCron } from '../schedule/cron.ts'
import type { Prepared } from './prepare.ts'

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?$/

/** `start` as the cursor's own canonical text; a problem where it is none. */
export function canonicalStart(
  dataset: DatasetSpec,
  cursor: Field | undefined,
  zone: string | undefined,
): { start?: string; problems: Problem[] } {
  const { start } = dataset
  if (start === undefined || !cursor) return { problems: [] }
  const mark = markOf(start, cursor, zone)
  if (mark !== undefined) return { start: mark, problems: [] }
  const problem = `"${start}" is no value of the cursor ${cursor.name} (${cursor.sourceType}).`
  return {
    problems: [fault(dataset.startAt ?? dataset.at, problem, 'Write it as the source shows such values.')],
  }
}

function markOf(text: string, cursor: Field, zone: string | undefined): string | undefined {
  switch (cursor.type) {
    case 'date':
      return scalar(coerce(text, { kind: 'date' }))
    case 'timestamp':
      return scalar(coerce(text, { kind: 'timestamp' }, { zone: zone ?? 'UTC' }))
    case 'datetime':
      return localMark(text)
    default:
      return canonicalDecimal(text)
  }
}

const scalar = (coerced: ReturnType<typeof coerce>): string | undefined => {
  if (coerced instanceof Misfit) return undefined
  return String(coerced instanceof Changed ? coerced.value : coerced)
}

function localMark(text: string): string | undefined {
  const match = LOCAL.exec(text)
  if (!match) return undefined
  const [, day, minute = '00:00', second = '00', fraction = ''] = match
  return `${day}T${minute}:${second}.${fraction.padEnd(6, '0')}`
}

/** A look-back in units belongs to numbers, one in time to dates and times. */
export function checkLookback(dataset: DatasetSpec, cursor: Field | undefined): Problem[] {
  const { lookback } = dataset
  if (!lookback || !cursor) return []
  const numeric = cursor.type === 'integer' || cursor.type === 'decimal'
  if (numeric === 'units' in lookback) return []
  const problem = `The cursor ${cursor.name} is a ${numeric ? 'number' : 'time'}, and its lookback is not.`
  const remedy = numeric ? 'Write a whole number, as lookback: 1000' : 'Write a time, as lookback: 10m'
  return [fault(dataset.lookbackAt ?? dataset.at, problem, remedy)]
}

const fault = (at: Problem['at'], problem: string, remedy: string): Problem => ({
  code: 'E312',
  severity: 'error',
  at,
  problem,
  remedy,
})

/** What decides how a prepared dataset is read. */
export const modeAsk = (
  prepared: Prepared,
  state: DatasetState | undefined,
  now: string,
  full: boolean,
  lookedUp?: LookedUp,
): ModeAsk => ({
  hash: prepared.hash,
  origin: prepared.origin,
  cursorType: prepared.cursor?.type,
  full,
  fullDue: isFullDue(prepared.dataset, state, now, prepared.timezone),
  start: prepared.start,
  lookback: prepared.dataset.lookback,
  remap: prepared.dataset.remap,
  lookedUp,
})

/**
 * The dataset's key scan, as its last complete reading leaves it: is it due, and if not yet, when. A full read has just
 * found what is gone, so none follows it; without times of its own every incremental reading is followed by one.
 * @returns undefined where the dataset has none
 */
export function keyScanOf(
  { dataset, timezone }: Pick<Prepared, 'dataset' | 'timezone'>,
  state: DatasetState | undefined,
  now: string,
): { due: boolean; at?: string } | undefined {
  if (!dataset.keyScan) return undefined
  const { fullAt, scannedAt, endedAt } = state?.complete ?? {}
  const { cron } = dataset.keyScan
  if (cron === undefined) return { due: endedAt !== undefined && endedAt !== fullAt }
  const last = [fullAt, scannedAt].filter((it) => it !== undefined).sort()
  if (last.length === 0) return { due: false }
  const at = nextDue(parseCron(cron), Date.parse(last.at(-1)!), timezone ?? 'UTC')
  if (at === undefined) return { due: false }
  return { due: at <= Date.parse(now), at: `${new Date(at).toISOString().slice(0, 23)}000Z` }
}

/** Has a due time of `full:` passed since the last full read? */
function isFullDue(
  dataset: DatasetSpec,
  state: DatasetState | undefined,
  now: string,
  zone: string | undefined,
): boolean {
  const fullAt = state?.complete?.fullAt
  if (dataset.full === undefined || fullAt === undefined) return false
  const due = nextDue(parseCron(dataset.full), Date.parse(fullAt), zone ?? 'UTC')
  return due !== undefined && due <= Date.parse(now)
}
