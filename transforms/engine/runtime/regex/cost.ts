import type { Part } from './pattern.ts'

/**
 * How the time of a backtracking search may grow with the text: `factor * length ^ degree` steps at most.
 * undefined: exponentially.
 */
export interface Growth {
  degree: number
  factor: number
}

export function growthOf(alternatives: Part[][]): Growth | undefined {
  const body = growthOfBody(alternatives)
  if (body === undefined) return undefined
  const anchored = alternatives.every(([first]) => first?.kind === 'anchor' && first.start)
  // Every place of the text is tried, unless it must be the start.
  return { degree: body.degree + (anchored ? 0 : 1), factor: body.factor }
}

function growthOfBody(alternatives: Part[][]): Growth | undefined {
  const total: Growth = { degree: 0, factor: 0 }
  for (const sequence of alternatives) {
    const one: Growth = { degree: 0, factor: 1 }
    for (const part of sequence) {
      const growth = growthOfPart(part)
      if (growth === undefined) return undefined
      one.degree += growth.degree
      one.factor *= growth.factor
    }
    total.degree = Math.max(total.degree, one.degree)
    total.factor += one.factor
  }
  return total
}

function growthOfPart(part: Part): Growth | undefined {
  if (part.kind === 'group') return growthOfBody(part.body)
  if (part.kind !== 'repeat') return { degree: 0, factor: 1 }
  const inner = growthOfPart(part.of)
  if (inner === undefined) return undefined
  if (part.most <= 1) return { degree: inner.degree, factor: inner.factor + 1 }
  // What repeats must match in one way only: no choice, no repetition in a repetition.
  if (!isFixed(part.of)) return undefined
  const ways = part.most - part.least + 1
  return Number.isFinite(ways) ? { degree: 0, factor: ways } : { degree: 1, factor: 1 }
}

function isFixed(part: Part): boolean {
  if (part.kind === 'set') return true
  if (part.kind === 'anchor') return false
  if (part.kind === 'repeat') return part.least === part.most && part.least > 0 && isFixed(part.of)
  const [only, ...others] = part.body
  return others.length === 0 && only !== undefined && only.length > 0 && only.every(isFixed)
}

/** Does every match hold a character? */
export const takesCharacters = (alternatives: Part[][]): boolean =>
  alternatives.every((sequence) => sequence.some(takesCharacter))

function takesCharacter(part: Part): boolean {
  if (part.kind === 'group') return takesCharacters(part.body)
  if (part.kind === 'repeat') return part.least > 0 && takesCharacter(part.of)
  return part.kind === 'set'
}
