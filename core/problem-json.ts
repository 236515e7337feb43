import type { ErrorCode, Problem } from './errors.ts'
import { redact } from './secrets.ts'

/** A finding as `--json` has it: all keys are always there, and its place is spelled out, the file by name. */
export type ProblemJson = {
  code: ErrorCode
  severity: Problem['severity']
  file: string | null
  line: number | null
  column: number | null
  length: number | null
  problem: string
  remedy: string | null
  note: string | null
}

/** Secrets are masked. */
export function problemJson({ code, severity, at, problem, remedy, note }: Problem): ProblemJson {
  return {
    code,
    severity,
    file: at?.file.path ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    length: at?.length ?? null,
    problem: redact(problem),
    remedy: remedy ? redact(remedy) : null,
    note: note ? redact(note) : null,
  }
}
