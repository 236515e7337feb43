import { explain } from '../../core/catalog/index.ts'
import type { RejectRecord } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import type { Colors } from '../printer.ts'
import { age, indent, table } from './format.ts'
import type { Paint } from './paint.ts'

/** Rejects of one shape: 4,000 errors are three of these. */
export interface RejectGroup {
  code: string
  table: string | null
  column: string | null
  count: number
}

/** Groups by code and column, the largest first. */
export function groupRejects(rejects: RejectRecord[]): RejectGroup[] {
  const groups = new Map<string, RejectGroup>()
  for (const { code, table: where = null, column = null } of rejects) {
    const name = JSON.stringify([code, where, column])
    const group = groups.get(name) ?? { code, table: where, column, count: 0 }
    group.count += 1
    groups.set(name, group)
  }
  return [...groups.values()].sort((a, b) => b.count - a.count)
}

const title = (code: string): string => explain(code)?.title ?? ''
const columnText = (it: { table?: string | null; column?: string | null }): string =>
  [it.table, it.column].filter(Boolean).join('.')

/** `3× E512 invalid date in party.birth_date` */
export function groupText(group: RejectGroup): string {
  const column = columnText(group)
  return `${group.count}× ${group.code}${title(group.code) && ` ${title(group.code)}`}${column && ` in ${column}`}`
}

export interface RejectsShown {
  reveal: boolean
  limit: number
}

export function rejectsText(rejects: RejectRecord[], shown: RejectsShown, paint: Paint): string {
  if (rejects.length === 0) return `${paint.colors.green('✔')} no rejects`
  const groups = groupRejects(rejects).map((it) => [`${it.count}×`, it.code, title(it.code), columnText(it)])
  return [
    table(groups, [0]).join('\n'),
    ...rejects.map((it) => rejectText(it, paint)),
    closing(rejects.length, shown, paint.colors),
  ].join('\n\n')
}

function rejectText(it: RejectRecord, { colors, now }: Paint): string {
  const when = age(it.createdAt, now)
  const head = [
    colors.yellow(it.code),
    columnText(it),
    `${it.dataset} ${it.sourceId}`.trimEnd(),
    colors.dim(`${when === 'now' ? when : `${when} ago`} · run ${it.runId}`),
  ]
  return [head.filter(Boolean).join('  '), indent(it.reason), `  ${JSON.stringify(it.row)}`].join('\n')
}

function closing(count: number, { reveal, limit }: RejectsShown, colors: Colors): string {
  const parts = [plural(count, 'reject')]
  if (count >= limit) parts.push(`no more than ${limit} are shown: --limit <n>`)
  if (!reveal) parts.push('values are masked: --reveal shows them')
  return colors.dim(parts.join(' · '))
}
