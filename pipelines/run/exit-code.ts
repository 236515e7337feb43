import type { Counts } from '../../core/counts.ts'
import type { DatasetRun, RunStatus } from '../../core/report.ts'

/** Share of rejected rows above which a run that ended well still answers 3. */
const WARN_REJECTED = 0.01

/** Exit code by the class of error that failed a dataset. */
const BY_FAILURE: Record<string, number> = {
  WarehouseError: 6,
  ContractError: 4,
  ConfigError: 2,
  PreparationError: 2,
  DataError: 1,
  SourceError: 1,
  AuthError: 1,
  RowError: 1,
  BugError: 1,
  LeaseError: 7,
  TransientError: 5,
}

/** Of several failures the one that most needs a person comes first. */
const WORST_FIRST = [6, 4, 2, 1, 7, 5]

export function exitCodeOf(datasets: DatasetRun[], status: RunStatus, counts: Counts): number {
  const codes = datasets.filter((it) => it.status === 'failed').map((it) => BY_FAILURE[it.failure ?? ''] ?? 1)
  const worst = WORST_FIRST.find((it) => codes.includes(it))
  if (worst !== undefined) return worst
  if (status === 'interrupted') return 5
  return counts.rejected > counts.read * WARN_REJECTED ? 3 : 0
}
