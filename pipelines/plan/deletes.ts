import type { Problem } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { PlannedDeletes } from '../../core/report.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'
import type { DatasetState, Decision } from '../run/mode.ts'
import { keyScanOf } from './cadence.ts'
import type { Prepared } from './prepare.ts'
import type { Sources } from './sources.ts'

/** Can this source do what `deletes` and `key_scan` ask of it? */
export function checkDeletes(
  dataset: DatasetSpec,
  facts: DatasetFacts | undefined,
  sources: Sources,
): Problem[] {
  const { keyScan, deletesBySource } = dataset
  const connector = sources.connector(dataset.connection)
  const problems: Problem[] = []
  if (deletesBySource && facts && !facts.tellsDeletes)
    problems.push({
      code: 'E313',
      severity: 'error',
      at: deletesBySource,
      problem: `${connector.title} does not tell which rows of "${dataset.from}" were deleted ("${datasetRef(dataset)}").`,
      remedy: keysRemedy(dataset, sources),
    })
  if (keyScan && !listsKeys(dataset, sources))
    problems.push({
      code: 'E314',
      severity: 'error',
      at: keyScan.at,
      problem: `${connector.title} cannot list the keys of "${dataset.from}" alone ("${datasetRef(dataset)}").`,
      remedy: 'Find deleted rows by full reads, as full: "@weekly", or by an expression that marks them.',
    })
  return problems
}

const listsKeys = ({ connection }: DatasetSpec, sources: Sources): boolean =>
  sources.reader(connection).keys !== undefined

const keysRemedy = (dataset: DatasetSpec, sources: Sources): string =>
  listsKeys(dataset, sources)
    ? 'Write deletes: scan, which compares all keys; an expression that marks a deleted row; or full: "@weekly".'
    : 'Write an expression that marks a deleted row, or full: "@weekly".'

/** What the next run does about rows that are gone. Pure; `plan` prints it. */
export function plannedDeletes(
  prepared: Pick<Prepared, 'dataset' | 'timezone'>,
  state: DatasetState | undefined,
  decision: Decision,
  now: string,
): PlannedDeletes {
  const { dataset } = prepared
  const told = dataset.deletes ? 'expression' : dataset.deletesBySource ? 'source' : undefined
  const isFull = decision.mode === 'full' || (decision.mode === 'resume' && decision.scan.kind === 'full')
  if (isFull) return { next: 'full', told, because: 'a full read meets every row there is' }
  const scan = keyScanOf(prepared, state, now)
  if (scan && dataset.keyScan?.cron === undefined)
    return { next: 'scan', told, because: 'all keys are compared after every incremental reading' }
  if (scan?.due) return { next: 'scan', scanAt: scan.at, told, because: 'a key scan is due' }
  if (scan?.at !== undefined) return { next: 'later', scanAt: scan.at, told, because: 'they stay until then' }
  return { next: 'none', told, because: NO_SCAN[told ?? 'none'] }
}

const NO_SCAN = {
  expression: 'only rows that mark themselves are found; old ids of changed keys stay until a full read',
  source: 'the source tells them',
  none: 'a cursor does not see them: they stay, and old ids of changed keys too, until a full read or a key scan',
}
