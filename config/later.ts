import type { Finding } from './report.ts'

export type Level = 'pipeline' | 'dataset' | 'target'

/**
 * Keys that the design names and this version does not do. They are refused with words of their own, so that
 * nobody takes them for a typing mistake. Opening one: take it out here and read it where its level is read.
 */
const LATER: Record<string, { at: Level[]; instead?: string }> = {
  with: { at: ['pipeline', 'target'], instead: 'Write it in the dataset, beside from:.' },
  use: { at: ['pipeline', 'dataset', 'target'], instead: 'Write the mapping under to.' },
}

export const laterKeys = (level: Level): string[] =>
  Object.keys(LATER).filter((it) => LATER[it]!.at.includes(level))

/** What to say of a key that comes later; undefined where it does not come at this level. */
export function laterFinding(key: string, level: Level): Finding | undefined {
  if (!Object.hasOwn(LATER, key) || !LATER[key]!.at.includes(level)) return undefined
  return { problem: `"${key}" is not supported yet.`, remedy: LATER[key]!.instead ?? 'Remove it.' }
}
