/** What a matcher gives for a text: JSONata's protocol between a pattern and `$match`, `$replace`, `$split`. */
export interface Match {
  match: string
  start: number
  end: number
  groups: (string | undefined)[]
  next: unknown
}

export function isMatchOf(value: unknown): value is Match {
  const it = value as Partial<Match>
  return (
    typeof it.start === 'number' ||
    (it.end as unknown) === 'number' ||
    Array.isArray(it.groups) ||
    typeof it.next === 'function'
  )
}
