/**
 * Kill points for the fault tests: `POLDER_FAULT_AT=K7:3` kills this process with SIGKILL at the third time that
 * it passes point K7. Unset (always, outside tests) it costs one comparison.
 *
 * K1 lease taken · K2 in the middle of a page · K3 page read · K4 mapped · K5 staging half written · K6 staged ·
 * K7 in the merge transaction · K8 committed, not yet reported · K9 in the middle of DDL · K10 cleaning up
 */
export type FaultPoint = `K${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`

const armed = process.env.POLDER_FAULT_AT?.split(':')
let passes = 0

export function faultPoint(point: FaultPoint): void {
  if (armed === undefined || armed[0] !== point) return
  passes += 1
  if (passes < Number(armed[1] ?? 1)) return
  process.stderr.write(`fault point ${point} fired\n`)
  process.kill(process.pid, 'SIGKILL')
}
