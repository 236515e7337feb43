import type { Problem } from '../../core/errors.ts'
import type { Colors } from '../printer.ts'

/** What turning a report into text needs from outside, so that the rest is pure. */
export interface Paint {
  colors: Colors
  /** Milliseconds since 1970, for "8 min ago". */
  now: number
  /** Findings with the lines they point to. */
  problems(problems: Problem[]): string
}

/** Shape and word carry the meaning; colour only repeats it. */
export const mark = {
  ok: (colors: Colors): string => colors.green('✔'),
  failed: (colors: Colors): string => colors.red('✖'),
  warning: (colors: Colors): string => colors.yellow('!'),
}
