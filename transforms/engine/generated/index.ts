import type { Node } from '../../ast.ts'
import type { Frame, Place } from '../closures/unit.ts'
import { ROW } from '../runtime/state.ts'
import { functionOf } from './emit.ts'
import { Source, Writer } from './source.ts'

type Evaluate = (input: unknown, frame: Frame) => unknown

/** Expressions whose source is longer stay closures: V8 would read it longer than it saves. */
const LONGEST_SOURCE = 1_000_000

/**
 * Makes JavaScript of a tree that has compiled to closures, with the same results, limits and errors.
 * @returns undefined where the process generates no code, or the tree is too large or too deep
 */
export function generated(ast: Node, place: Place): Evaluate | undefined {
  try {
    const source = new Source()
    const name = functionOf(ast, place, new Writer(source))
    const main = place.row ? `(_, frame) => ${name}(${source.ref(ROW)}, frame)` : name
    if (source.text(main).length > LONGEST_SOURCE) return undefined
    return source.build(main) as Evaluate
  } catch (cause) {
    if (cause instanceof EvalError || cause instanceof RangeError) return undefined
    throw cause
  }
}
