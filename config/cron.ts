interface CronField {
  name: string
  min: number
  max: number
  words?: string[]
}

const FIELDS: CronField[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of the week', min: 0, max: 7, words: 'sun mon tue wed thu fri sat'.split(' ') },
]

export interface CronFault {
  problem: string
  /** The characters of the text that it is about. */
  from: number
  to: number
}

/** What is wrong with a schedule of five fields; undefined when nothing is. */
export function cronFault(text: string): CronFault | undefined {
  const parts = [...text.matchAll(/\S+/g)]
  if (parts.length !== FIELDS.length)
    return {
      problem: `A schedule has 5 fields (minute hour day month weekday); this one has ${parts.length}.`,
      from: 0,
      to: text.length,
    }
  for (const [index, part] of parts.entries()) {
    const field = FIELDS[index]!
    const bad = part[0].split(',').find((it) => !isItem(it, field))
    if (bad !== undefined)
      return {
        problem: `"${bad}" is no ${field.name}: numbers from ${field.min} to ${field.max}, *, ranges (1-5) and steps (*/15).`,
        from: part.index,
        to: part.index + part[0].length,
      }
  }
  return undefined
}

/** `*`, `5`, `1-5`, each with an optional step. */
function isItem(item: string, field: CronField): boolean {
  const match = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item)
  if (!match) return false
  const [, , first, last, step] = match
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.max)) return false
  if (first === undefined) return true
  const low = numberOf(first, field)
  const high = last === undefined ? low : numberOf(last, field)
  return low !== undefined && high !== undefined && low <= high
}

function numberOf(text: string, field: CronField): number | undefined {
  const word = field.words?.indexOf(text.toLowerCase()) ?? -1
  const number = word >= 0 ? word + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return number >= field.min && number <= field.max ? number : undefined
}
