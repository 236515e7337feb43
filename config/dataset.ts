import type { ContractWord, DatasetSpec } from '../core/spec.ts'
import { readCadence, readContract } from './cadence.ts'
import { asChoice, asMap, asText, fieldsOf, type Reading, required } from './expect.ts'
import { readExpression, reportCutInFlow } from './expression.ts'
import { readFieldNames } from './field-names.ts'
import { checkName } from './names.ts'
import { DATASET_KEYS } from './reserved.ts'
import { readTargets, type TargetsRules } from './targets.ts'
import { readWith } from './with.ts'
import type { Entry } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

export interface DatasetRules extends Omit<TargetsRules, 'cursor'> {
  pipeline: string
  connection: string
  /** The pipeline's `key_scan`, for datasets with a cursor. */
  keyScan?: DatasetSpec['keyScan']
  /** The pipeline's word, for datasets without their own. */
  contract?: ContractWord
}

/** A dataset of a pipeline; faults are reported, and what could be read is returned. */
export function readDataset(entry: Entry, rules: DatasetRules, reading: Reading): DatasetSpec | undefined {
  const { report } = reading
  checkName(entry.key, entry.keyAt, 'dataset', report)
  const map = asMap(entry, 'from, key, to …', report)
  if (map === undefined) return undefined
  if (reportCutInFlow(map, (key) => key === 'where', reading)) return undefined
  const fields = fieldsOf(map, { what: 'A dataset', known: DATASET_KEYS, level: 'dataset' }, reading)
  const whole = (example: string) => ({ at: entry.keyAt, what: `The dataset "${entry.key}"`, example })
  const fromEntry = required(fields, 'from', whole('from: public.customers'), report)
  const from = fromEntry && asText(fromEntry, report)
  const to = required(fields, 'to', whole('to: { party: … }'), report)
  const cursor = fields.get('cursor')?.value
  const withCursor = { ...rules, cursor: cursor?.kind === 'scalar' ? cursor.written : undefined }
  const targets = to ? readTargets(to, withCursor, reading) : []
  return {
    pipeline: rules.pipeline,
    name: entry.key,
    connection: rules.connection,
    from: from?.written.text ?? '',
    fromAt: from?.at ?? entry.keyAt,
    load: readLoad(fields.get('load'), reading),
    loadAt: fields.get('load')?.value.at,
    ...readDoubles(fields.get('doubles'), reading),
    ...readKey(fields.get('key'), reading),
    ...readRest(fields, reading),
    ...readCadence(fields, rules.keyScan, reading),
    contract: readContract(fields, reading) ?? rules.contract ?? 'evolve',
    targets,
    at: entry.keyAt,
  }
}

function readRest(fields: Map<string, Entry>, reading: Reading): Partial<DatasetSpec> {
  const rest: Partial<DatasetSpec> = {}
  const cursor = fields.get('cursor')
  const cursorText = cursor && asText(cursor, reading.report)
  if (cursorText) Object.assign(rest, { cursor: cursorText.written.text, cursorAt: cursorText.at })
  const where = fields.get('where')
  const condition = where && readExpression(where, reading)
  if (condition) rest.where = condition
  const lookups = fields.get('with')
  if (lookups) rest.with = readWith(lookups, reading)
  const zone = fields.get('timezone')
  const name = zone && asText(zone, reading.report)
  const timezone = name && checkZone(name.written.text, name.at, reading.report)
  if (timezone) rest.timezone = timezone
  return rest
}

function readLoad(entry: Entry | undefined, { report }: Reading): DatasetSpec['load'] {
  if (entry === undefined) return 'auto'
  return asChoice(entry, ['auto', 'copy', 'direct'], report) ?? 'auto'
}

function readDoubles(entry: Entry | undefined, { report }: Reading): Pick<DatasetSpec, 'doubles'> {
  const word = entry && asChoice(entry, ['exact', 'close'], report)
  return word === 'close' ? { doubles: word } : {}
}

function readKey(entry: Entry | undefined, reading: Reading): Partial<DatasetSpec> {
  const key = entry ? readFieldNames(entry, reading).map((it) => it.name) : []
  return key.length > 0 ? { key, keyAt: entry!.value.at } : {}
}
