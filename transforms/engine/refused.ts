import type { Node } from '../ast.ts'

/** Why an expression is not compiled; the stock interpreter can still run it, unless its pattern is refused. */
export class Refused {
  readonly reason: string
  readonly at: Node
  /** A regular expression that no engine bounds: it must not run anywhere. */
  readonly pattern: boolean

  constructor(reason: string, at: Node, pattern = false) {
    this.reason = reason
    this.at = at
    this.pattern = pattern
  }
}
