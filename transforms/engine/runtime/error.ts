/**
 * What an evaluation throws: the code that JSONata 2.2.2 gives, and some of our own:
 * `P1001` a text grew beyond the limit, `P1002` a picture would take too long, `P1003` a function gave a promise,
 * `P1004` only the interpreter can tell.
 */
export class EngineError {
  readonly code: string
  readonly value: unknown
  /** Number of the argument, from 1. */
  readonly index: number | undefined
  /** Offset behind the token in the expression. */
  position: number | undefined
  token: string | undefined
  /** Of `$error` and `$assert`. */
  message: string | undefined
  /** The evaluation was long, or ran into a limit: nobody should repeat it. */
  costly = false

  constructor(code: string, value?: unknown, index?: number) {
    this.code = code
    this.value = value
    this.index = index
    this.position = undefined
    this.token = undefined
    this.message = undefined
  }
}

/** Puts the place into an error that has none; anything else is thrown on as it is. */
export function placed(cause: unknown, position: number | undefined, token: string | undefined): unknown {
  // Nothing is asked of a native error here: where the stack has ended, a call more would end it again.
  if (cause instanceof Error) return cause
  const known = asEngineError(cause)
  if (known === undefined) return cause
  known.position ??= position
  known.token ??= token
  return known
}

/** Native errors of the engine's own recursion, and the plain objects that stock functions throw. */
export function asEngineError(cause: unknown): EngineError | undefined {
  if (cause instanceof EngineError) return cause
  if (cause instanceof RangeError) return new EngineError(cause.message.includes('stack') ? 'D1011' : 'P1001')
  // A pattern that is first used where the stack ends says so in these words.
  if (cause instanceof SyntaxError && cause.message.includes('Stack overflow'))
    return new EngineError('D1011')
  if (cause === null || typeof cause !== 'object' || cause instanceof Error) return undefined
  const { code, value, index, position, token } = cause as Partial<EngineError>
  if (typeof code !== 'string' || !STOCK_CODE.test(code)) return undefined
  const known = new EngineError(code, value, index)
  known.position = position
  known.token = token
  return known
}

const STOCK_CODE = /^[DTU]\d{4}$/
