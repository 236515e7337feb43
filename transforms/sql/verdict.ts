import { canRaise, type Expr, earlyPart, sizeOf, type Verdict } from '../../core/expr.ts'
import type { SourceText } from '../../core/place.ts'
import { type Node, nodeSpan } from '../ast.ts'
import { and } from './build.ts'
import { cannot, type Term, Unsayable } from './term.ts'

/** What was said, or why it cannot be. */
export type Attempt<T> = { done: T } | { failed: unknown }

export function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { done: work() }
  } catch (failed) {
    if (!(failed instanceof Unsayable)) throw failed
    return { failed }
  }
}

/** @throws {Unsayable} */
export function settled<T>(it: Attempt<T>): T {
  if ('failed' in it) throw it.failed
  return it.done
}

/** Stands for what is not written in an expression. */
export const NOWHERE: Node = { type: 'key' }

/** The verdict on a term, or why there is none. */
export function verdictOf(work: () => Term, source?: SourceText): Verdict {
  const tried = attempt(() => judged(work()))
  if ('failed' in tried) return refused(tried.failed as Unsayable, source)
  const { expr, guard, close } = tried.done
  const raises = canRaise(expr) || canRaise(guard)
  if (close)
    return {
      verdict: 'close',
      expr,
      guard,
      canRaise: raises,
      because: 'the last bits of a double may differ',
    }
  if (guard.op === 'literal' && guard.value === true)
    return { verdict: 'exact', expr, canRaise: raises, because: 'the same on every row' }
  return {
    verdict: 'guarded',
    expr,
    guard,
    canRaise: raises,
    because: 'rows that the guard does not prove go through JavaScript',
  }
}

/** Nobody reads, and no engine plans, more than that. */
const MAX_SIZE = 1500

function judged({ expr, checks, close, node }: Term): { expr: Expr; guard: Expr; close: boolean } {
  if (sizeOf(expr) + checks.reduce((sum, it) => sum + sizeOf(it), 0) > MAX_SIZE)
    return cannot('its SQL would be too long', node)
  const guard = and(...checks)
  if (earlyPart(expr) ?? earlyPart(guard))
    return cannot('a part of it is the same for every row; state its value instead', node)
  return { expr, guard, close }
}

function refused({ message, node }: Unsayable, source: SourceText | undefined): Verdict {
  const at = node && source && node.position !== undefined ? nodeSpan(node, source.text) : undefined
  return { verdict: 'not', because: message, ...(at && { at }) }
}
