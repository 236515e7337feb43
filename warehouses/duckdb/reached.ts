import type { Reached } from '../../core/reach.ts'
import { literal } from '../ansi.ts'

export const none = (because: string, remedy?: string): Reached => ({
  how: 'none',
  because,
  ...(remedy && { remedy }),
})

export const broken = (because: string, remedy?: string): Reached => ({
  ...none(because, remedy),
  broken: true,
})

/** DuckDB takes a path as a pattern; in brackets its signs stand for themselves. */
export const pathPattern = (path: string): string => literal(path.replace(/[*?[]/g, '[$&]'))

/** A view's text holds them all. */
const MAX_FILES = 1000

export const tooMany = (paths: string[]): Reached | undefined =>
  paths.length > MAX_FILES
    ? none(`${paths.length} files are more than the ${MAX_FILES} that a view may list`)
    : undefined

export const pathList = (paths: string[]): string => `[${paths.map(pathPattern).join(', ')}]`

export const BLOCKS = 'where it cannot be read, no query over the unified tables that it fills is answered'

export const fileWarnings = (count: number): string[] => [
  `${count === 1 ? 'the file is' : `the ${count} files are`} named in the view: a new one is seen after the next run`,
  BLOCKS,
]
