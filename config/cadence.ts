import type { DatasetSpec } from '../core/spec.ts'
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

/** `start`, `lookback`, `full`, `deletes`, `remap`: how often and how far a dataset is read. */
export function readCadence(fields: Map<string, Entry>, reading: Reading): Partial<DatasetSpec> {
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
  const deletes = fields.get('deletes')
  if (deletes) cadence.deletes = readDeletes(deletes, reading)
  const remap = fields.get('remap')
  cadence.remap = (remap && asChoice(remap, ['full', 'forward'], report)) ?? 'full'
  if (remap && cadence.remap === 'forward') needsCursor(remap, fields, reading)
  return cadence
}

/** The words of the design that are no expression come with the sources and scans that they are about. */
function readDeletes(slot: Slot, reading: Reading): DatasetSpec['deletes'] {
  const expression = readExpression(slot, reading)
  if (expression?.text !== 'source' && expression?.text !== 'scan') return expression
  reading.report.error('E120', slot.value.at, {
    problem: `"deletes: ${expression.text}" is not supported yet.`,
    remedy: 'Write an expression that is true for a deleted row, as deletes: is_deleted = 1',
  })
  return undefined
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
