import type { configCatalog } from '../core/catalog/config.ts'
import type { Problem } from '../core/errors.ts'
import type { Place } from '../core/place.ts'

export type ConfigCode = keyof typeof configCatalog

export interface Finding {
  problem: string
  remedy?: string
  note?: string
}

/** Collects findings; the same code at the same spot counts once. */
export interface Report {
  readonly problems: Problem[]
  error(code: ConfigCode, at: Place | undefined, finding: Finding): void
  warning(code: ConfigCode, at: Place | undefined, finding: Finding): void
}

export function createReport(): Report {
  const problems: Problem[] = []
  const seen = new Set<string>()
  const add = (severity: Problem['severity'], code: ConfigCode, at: Place | undefined, finding: Finding) => {
    const spot = at ? `${code} ${at.file.path}:${at.line}:${at.column}` : `${code} ${finding.problem}`
    if (seen.has(spot)) return
    seen.add(spot)
    problems.push({ code, severity, at, ...finding })
  }
  return {
    problems,
    error: (code, at, finding) => add('error', code, at, finding),
    warning: (code, at, finding) => add('warning', code, at, finding),
  }
}

export const hasErrors = (problems: Problem[]): boolean => problems.some((it) => it.severity === 'error')

/** By file, line and column; those without a place first. */
export function inFileOrder(problems: Problem[]): Problem[] {
  const path = (it: Problem) => it.at?.file.path ?? ''
  return [...problems].sort(
    (a, b) =>
      (path(a) < path(b) ? -1 : path(a) > path(b) ? 1 : 0) ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}
