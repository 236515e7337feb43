import type { SourceFile } from '../core/place.ts'
import type { Reading } from './expect.ts'
import { maskSpans, secretsBySound, urlPasswords } from './mask.ts'
import { isHarmlessOption, type Registry } from './registry.ts'
import type { Report } from './report.ts'
import type { TeamFunction } from './team-functions.ts'
import { literalPasswords } from './url-passwords.ts'
import type { Span } from './yaml/locate.ts'
import { parseYaml } from './yaml/parse.ts'

/** What a file may hold, besides plain values. */
export type Holds = { options: Registry } | 'expressions' | 'tables'

/** Parses a file, lets `read` check it, and then masks in it the secrets that stand there. */
export function openFile<T>(
  file: SourceFile,
  holds: Holds,
  report: Report,
  read: (reading: Reading) => T,
  functions: readonly TeamFunction[] = [],
): T {
  const parsed = parseYaml(file, report, { expressions: holds === 'expressions' })
  const hidden: Span[] = [...literalPasswords(parsed, report), ...urlPasswords(file.text)]
  if (typeof holds === 'object')
    hidden.push(...secretsBySound(file.text, (key) => isHarmlessOption(holds.options, key)))
  const result = read({ parsed, report, hidden, functions })
  maskSpans(file, hidden)
  return result
}
