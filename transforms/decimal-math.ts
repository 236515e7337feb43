import Big from 'big.js'
import { canonicalDecimal, carriedNumber, decimalText } from '../core/number.ts'
import { roundHalfEven } from './coerce-number.ts'
import { EXACT } from './decimal.ts'
import { Misfit } from './misfit.ts'

const NO_NUMBER = new Misfit('E523', 'an operand inside $decimal is no number')
const SEVERAL = new Misfit(
  'E523',
  'an operand inside $decimal is a list of several values; sum them with $sum',
)

/** @returns undefined where the operand is missing */
function operand(value: unknown): Big | undefined {
  if (value === undefined || value === null) return undefined
  if (value instanceof Big) return value
  if (Array.isArray(value)) return singleton(value)
  const text =
    typeof value === 'number'
      ? decimalText(value)
      : typeof value === 'string'
        ? canonicalDecimal(value)
        : undefined
  if (text === undefined) throw NO_NUMBER
  return new Big(text)
}

function singleton(list: unknown[]): Big | undefined {
  if (list.length > 1) throw SEVERAL
  return operand(list[0])
}

const both =
  <T>(operation: (a: Big, b: Big) => T) =>
  (left: unknown, right: unknown): T | undefined => {
    const [a, b] = [operand(left), operand(right)]
    return a === undefined || b === undefined ? undefined : operation(a, b)
  }

/** As JSONata's `=`: false with a missing side; texts are equal as texts, anything with a number as a number. */
function equal(left: unknown, right: unknown): boolean {
  if (!isNumber(left) && !isNumber(right)) return left !== undefined && left === right
  const [a, b] = [asNumber(left), asNumber(right)]
  return a !== undefined && b !== undefined && a.eq(b)
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof Big

function asNumber(value: unknown): Big | undefined {
  const isText = typeof value === 'string' && canonicalDecimal(value) !== undefined
  return isText || isNumber(value) ? operand(value) : undefined
}

const isMissing = (value: unknown): boolean => value === undefined || value === null

function sum(values: unknown): Big | undefined {
  if (isMissing(values)) return undefined
  const list = Array.isArray(values) ? values : [values]
  return list.reduce((total: Big, it) => total.plus(operand(it) ?? 0), new Big(0))
}

const carried = (value: unknown): unknown => (value instanceof Big ? carriedNumber(value.toFixed()) : value)

/** The value of `$decimal(…)`: rounded, a number where the number rule allows, else its digits as text. */
function result(value: unknown, scale: number): unknown {
  if (typeof value === 'boolean') return value
  const number = operand(value)
  return number === undefined ? undefined : carriedNumber(roundHalfEven(number.toFixed(), scale))
}

/** The exact operations, by the names that a rewritten tree uses. */
export const exactOperations: Record<string, (...operands: never[]) => unknown> = {
  [EXACT['+']]: both((a, b) => a.plus(b)),
  [EXACT['-']]: both((a, b) => a.minus(b)),
  [EXACT['*']]: both((a, b) => a.times(b)),
  [EXACT['<']]: both((a, b) => a.lt(b)),
  [EXACT['<=']]: both((a, b) => a.lte(b)),
  [EXACT['>']]: both((a, b) => a.gt(b)),
  [EXACT['>=']]: both((a, b) => a.gte(b)),
  [EXACT['=']]: equal,
  [EXACT['!=']]: (left: unknown, right: unknown) =>
    !isMissing(left) && !isMissing(right) && !equal(left, right),
  [EXACT.negate]: (value: unknown) => operand(value)?.neg(),
  [EXACT.sum]: sum,
  [EXACT.number]: operand,
  [EXACT.carried]: carried,
  [EXACT.result]: result,
}
