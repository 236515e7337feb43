import type { Regex } from './runtime/regex/matcher.ts'
import type { Limits } from './runtime/state.ts'

/** Gives the row in hand, field by field or whole; a missing field is undefined. */
export interface RowReader {
  /** Called once per field and expression. */
  field(name: string): () => unknown
  whole(): unknown
}

export interface HostFunction {
  /** Must not give a promise. */
  implementation(...given: never[]): unknown
  /** In JSONata's words, as `<s-n?:s>`; without one, arguments are given as they are. */
  signature?: string
}

export interface EngineOptions {
  /** By name, without the `$`. */
  functions?: Record<string, HostFunction>
  /** Reads the input instead of the first parameter of `run`. It is never a list. */
  root?: RowReader
  /** Called with the first argument of a built-in before it runs; what it throws ends the evaluation. */
  guards?: Record<string, (first: unknown) => unknown>
  /** Variables that are read as `root` is, by name. */
  readers?: Record<string, RowReader>
  /** Names that `run` binds. */
  bindings?: readonly string[]
  limits?: Partial<Limits>
  /** What runs the expression, for tests; default `both`: closures, and once they have run often, generated code. */
  backEnd?: 'closures' | 'generated' | 'both'
  /** Makes what runs a pattern; default: `SafeRegex`. */
  regex?: (pattern: RegExp) => Regex
}
