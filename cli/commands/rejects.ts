import type { Polder } from '../../app/index.ts'
import type { RejectRecord } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { groupRejects, type RejectsShown, rejectsText } from '../text/rejects.ts'

export interface RejectFlags {
  reveal?: boolean
  limit: number
}

export async function rejectsList(
  context: Context,
  what: string | undefined,
  { reveal = false, limit }: RejectFlags,
): Promise<Outcome<ResultOf<'rejects list'>>> {
  const rejects = await withProject(context, async (polder) => {
    const scope = rejectScope(what, polder.project)
    const found = await polder.rejects({ ...scope, limit, reveal })
    // "No rejects" must not be the answer to a mistyped name.
    if (found.length === 0 && scope.runId !== undefined) await polder.runById(scope.runId)
    return found
  })
  return rejectsOutcome(rejects, { reveal, limit })
}

export function rejectsOutcome(
  rejects: RejectRecord[],
  shown: RejectsShown,
): Outcome<ResultOf<'rejects list'>> {
  return {
    exitCode: ExitCode.ok,
    result: { groups: groupRejects(rejects), rejects },
    problems: [],
    text: (paint) => rejectsText(rejects, shown, paint),
  }
}

/** A name of the project selects; anything else is the id of a run. */
export function rejectScope(
  what: string | undefined,
  { pipelines }: { pipelines: Pick<Polder['project']['pipelines'][number], 'name'>[] },
): { selection: string[]; runId?: string } {
  if (what === undefined) return { selection: [] }
  const pipeline = what.split('.')[0]
  if (what.includes('.') || pipelines.some((it) => it.name === pipeline)) return { selection: [what] }
  return { selection: [], runId: what }
}
