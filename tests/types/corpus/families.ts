import type { Families } from '../sources/databases.ts'
import { NUMBERS } from './numbers.ts'
import { TEXTS } from './texts.ts'
import { TIMES } from './times.ts'
import { LARGE, TREES } from './trees.ts'

/** A source table, and a unified table, of each. Below 100 rows: over 5 % of more that are rejected stop a run. */
export const FAMILIES: Families = { numbers: NUMBERS, times: TIMES, texts: TEXTS, trees: TREES, large: LARGE }
