/** Source rows of a commit, a dataset or a run. `read` is the sum of the other five (invariant I1). */
export interface Counts {
  read: number
  loaded: number
  unchanged: number
  superseded: number
  filtered: number
  rejected: number
}

export const noCounts = (): Counts => ({
  read: 0,
  loaded: 0,
  unchanged: 0,
  superseded: 0,
  filtered: 0,
  rejected: 0,
})

export function addCounts(to: Counts, more: Counts): Counts {
  for (const name of Object.keys(to) as (keyof Counts)[]) to[name] += more[name]
  return to
}
