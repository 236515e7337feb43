export { evalOnDataset } from './look/eval.ts'
export { evalOnJson } from './look/eval-json.ts'
export { listRejects, listRuns, showRun, status } from './look/history.ts'
export { preview } from './look/preview.ts'
export { plan } from './plan/plan.ts'
export { type Prepared, prepare } from './plan/prepare.ts'
export { type FactsCache, type Reach, Sources } from './plan/sources.ts'
export { holderOfThisProcess, isDeadHolder } from './run/holder.ts'
export { run } from './run/run.ts'
export { endClaim, readClaim, takeClaim } from './schedule/claims.ts'
export { nextDue } from './schedule/cron.ts'
export {
  follow,
  type Job,
  jobOf,
  type ScheduleClock,
  type ScheduleWork,
  systemClock,
} from './schedule/scheduler.ts'
export { StateStore } from './state/store.ts'
export { runTests } from './test/run-tests.ts'
