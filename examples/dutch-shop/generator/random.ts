/** A seeded source of chance: the same seed gives the same numbers on every machine (mulberry32). */
export interface Chance {
  /** From 0 up to but not including 1. */
  number(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  /** True in `percent` of 100 cases. */
  percent(percent: number): boolean
  /** `length` digits. */
  digits(length: number): string
}

export function seeded(seed: number): Chance {
  let state = seed >>> 0
  const number = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number) => low + Math.floor(number() * (high - low + 1))
  return {
    number,
    between,
    pick: (items) => items[between(0, items.length - 1)]!,
    percent: (percent) => number() * 100 < percent,
    digits: (length) => Array.from({ length }, () => between(0, 9)).join(''),
  }
}
