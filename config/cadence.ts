import { CONTRACT_WORDS, type ContractWord, type DatasetSpec } from '../core/spec.ts'
import { cronFault } from './cron.ts'
import { asChoice, asScalar, asText, type Reading, type Slot } from './expect.ts'
import { readExpression } from './expression.ts'
import type { Entry, ScalarNode } from './yaml/tree.ts'

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Short words for schedules, as cron has them. */
const RHYTHMS: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
}

/**
 * `start`, `lookback`, `full`, `deletes`, `key_scan`, `remap`: how often and how far a dataset is read.
 * @param keyScan  the pipeline's
 */
export function readCadence(
  fields: Map<string, Entry>,
  keyScan: DatasetSpec['keyScan'],
  reading: Reading,
): Partial<DatasetSpec> {
  const { report } = reading
  const cadence: Partial<DatasetSpec> = {}
  const start = fields.get('start')
  const startScalar = start && needsCursor(start, fields, reading) && asScalar(start, 'a change mark', report)
  if (startScalar) Object.assign(cadence, { start: startScalar.written.text, startAt: startScalar.at })
  const lookback = fields.get('lookback')
  if (lookback && needsCursor(lookback, fields, reading))
    Object.assign(cadence, readLookback(lookback, reading))
  const full = fields.get('full')
  const fullText = full && needsCursor(full, fields, reading) && asText(full, report)
  if (fullText) cadence.full = readRhythm(fullText, reading)
  Object.assign(cadence, readDeletes(fields, keyScan, reading))
  const remap = fields.get('remap')
  cadence.remap = (remap && asChoice(remap, ['full', 'forward'], report)) ?? 'full'
  if (remap && cadence.remap === 'forward') needsCursor(remap, fields, reading)
  return cadence
}

/** `contract` of a pipeline or a dataset; undefined where it is left to the level above. */
export function readContract(fields: Map<string, Entry>, { report }: Reading): ContractWord | undefined {
  const entry = fields.get('contract')
  return entry && asChoice(entry, CONTRACT_WORDS, report)
}

/** `deletes` and `key_scan`. A field called scan or source is written between backquotes. */
function readDeletes(
  fields: Map<string, Entry>,
  ofPipeline: DatasetSpec['keyScan'],
  reading: Reading,
): Partial<DatasetSpec> {
  const found: Partial<DatasetSpec> = {}
  const deletes = fields.get('deletes')
  const expression = deletes && readExpression(deletes, reading)
  if (deletes && expression?.text === 'scan') {
    if (needsCursor(deletes, fields, reading)) found.keyScan = { at: deletes.value.at }
  } else if (deletes && expression?.text === 'source') {
    if (needsCursor(deletes, fields, reading)) found.deletesBySource = deletes.value.at
  } else if (expression) found.deletes = expression
  const own = fields.get('key_scan')
  const times = own && needsCursor(own, fields, reading) && readKeyScan(own, reading)
  const inherited = !own && fields.has('cursor') ? ofPipeline : undefined
  const keyScan = times || inherited
  return keyScan ? { ...found, keyScan } : found
}

/** When all keys are compared: a rhythm or a schedule. */
export function readKeyScan(slot: Slot, reading: Reading): DatasetSpec['keyScan'] {
  const text = asText(slot, reading.report)
  const cron = text && readRhythm(text, reading)
  return cron === undefined ? undefined : { cron, at: slot.value.at }
}

function needsCursor({ key, keyAt }: Slot, fields: Map<string, Entry>, { report }: Reading): boolean {
  if (fields.has('cursor')) return true
  report.error('E145', keyAt, {
    problem: `"${key}" says how a dataset is read by its cursor, and this one has none.`,
    remedy: `Add cursor: with the column that grows with every change, or remove "${key}".`,
  })
  return false
}

function readLookback(slot: Slot, { report }: Reading): Partial<DatasetSpec> {
  const scalar = asScalar(slot, 'a time as 10m, 2h, 3d, or a number for a numeric cursor', report)
  if (scalar === undefined) return {}
  const [, amount, unit] = /^(\d{1,9})([smhd]?)$/.exec(scalar.written.text) ?? []
  if (amount === undefined) {
    report.error('E146', scalar.at, {
      problem: `"${scalar.written.text}" is no look-back.`,
      remedy: 'Write a time as 90s, 10m, 2h or 3d; for a numeric cursor a whole number.',
    })
    return {}
  }
  const lookback = unit ? { millis: Number(amount) * UNIT_MS[unit]! } : { units: Number(amount) }
  return { lookback, lookbackAt: scalar.at }
}

function readRhythm(scalar: ScalarNode, { report }: Reading): string | undefined {
  const { text } = scalar.written
  const rhythm = RHYTHMS[text]
  if (rhythm !== undefined) return rhythm
  const fault = cronFault(text)
  if (fault === undefined) return text
  report.error('E119', scalar.written.place(fault.from, fault.to), {
    problem: fault.problem,
    remedy: `Or one of ${Object.keys(RHYTHMS).join(', ')}.`,
  })
  return undefined
}
