import type { Part } from './pattern.ts'

/** The pattern in the words of RE2, meaning what it means in JavaScript. */
export const re2Of = (alternatives: Part[][]): string =>
  alternatives.map((sequence) => sequence.map(partOf).join('')).join('|')

function partOf(part: Part): string {
  if (part.kind === 'group') return `${part.open}${re2Of(part.body)})`
  if (part.kind !== 'repeat') return part.re2
  return `(?:${partOf(part.of)})${markOf(part.least, part.most)}${part.lazy ? '?' : ''}`
}

function markOf(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  return least === 0 && most === 1 ? '?' : `{${least},${most}}`
}
