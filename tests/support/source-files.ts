import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'

/** The checkout's folder. */
export const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A file of ours; `path` is relative to the checkout, with forward slashes. */
export interface CheckedFile {
  path: string
  text: string
}

/** Our files that match, in order of path; never what was installed or built. */
export function ourFiles(...patterns: string[]): CheckedFile[] {
  const ignore = ['**/node_modules/**', '**/dist/**', '**/.git/**', '**/.polder/**', '**/coverage/**']
  return globSync(patterns, { cwd: CHECKOUT, ignore, dot: true })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(CHECKOUT, path), 'utf8') }))
}
