import type { RejectRecord, RunReport } from '../../core/report.ts'
import type { Envelope, TestProject } from './project.ts'

/** `polder run`, told as data. */
export const runReport = (project: TestProject, words: string[] = []): Promise<Envelope<RunReport>> =>
  project.json<RunReport>(['run', ...words])

export const listRejects = async (project: TestProject, words: string[] = []): Promise<RejectRecord[]> =>
  (await project.json<{ rejects: RejectRecord[] }>(['rejects', 'list', ...words])).result.rejects

/** Codes of all findings of an answer, those inside its datasets included. */
export const codesOf = (answer: Envelope<RunReport>): string[] => [
  ...new Set([
    ...answer.problems.map((it) => it.code),
    ...(answer.result?.datasets ?? []).flatMap((it) => (it.problem ? [it.problem.code] : [])),
  ]),
]

/** What an answer says of its failures, for the message of an assertion. */
export const told = (answer: Envelope<RunReport>): string =>
  JSON.stringify({ problems: answer.problems, datasets: answer.result?.datasets?.map((it) => it.problem) })

/** Runs, and fails with what the run says where it does not end well. */
export async function runsWell(project: TestProject, words: string[] = []): Promise<Envelope<RunReport>> {
  const answer = await runReport(project, words)
  if (answer.exitCode !== 0)
    throw new Error(`The run ended with exit code ${answer.exitCode}: ${told(answer)}`)
  return answer
}
