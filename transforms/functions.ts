import { BUILTINS } from './builtins.ts'
import { country } from './functions/country.ts'
import { email } from './functions/email.ts'
import { hash } from './functions/hash.ts'
import { nullif } from './functions/nullif.ts'
import type { FunctionContext, OwnFunction } from './functions/own-function.ts'
import { date, timestamp } from './functions/time.ts'

export type { OwnFunction } from './functions/own-function.ts'

/** Polder's own functions, declared once. */
export const functions: OwnFunction[] = [
  {
    name: 'decimal',
    signature: '$decimal(expression)',
    description:
      'Computes + - *, comparisons and $sum in exact decimals instead of doubles and rounds half-even to the scale of the column (4 where the column is no decimal). Text that is a number counts as one. Missing operands give missing.',
    example: '$decimal(quantity * unit_price)',
    arguments: [1, 1],
    result: 'number',
  },
  {
    name: 'ref',
    signature: '$ref("dataset", key) or $ref("pipeline.dataset", key, "as")',
    description:
      'The id of the row that another dataset makes. The key is converted to the type of the key there; a composite key is a list: [a, b]. A missing key gives missing.',
    example: '$ref("customers", customer_id)',
    arguments: [2, 3],
    result: 'text',
  },
  {
    name: 'self',
    signature: '$self("as") or $self()',
    description:
      'The id of a sibling: the row named so that this source row makes; without a name, its one row without a name.',
    example: '$self("email")',
    arguments: [0, 1],
    result: 'text',
  },
  email,
  country,
  date,
  timestamp,
  hash,
  nullif,
]

/** Fewest and most arguments. */
export const OWN_ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  functions.map((it) => [it.name, it.arguments]),
)

export const isOwn = (name: string): boolean => Object.hasOwn(OWN_ARGUMENTS, name)

/** The functions that run with the row, by name. */
export const ownFunctions = (context: FunctionContext): Record<string, (...values: unknown[]) => unknown> =>
  Object.fromEntries(functions.flatMap((it) => (it.make ? [[it.name, it.make(context)]] : [])))

/** All that an expression can call without binding it itself. */
export const functionNames: readonly string[] = [...Object.keys(BUILTINS), ...functions.map((it) => it.name)]
