/** Polder's own functions, for documentation and checks. */
export interface OwnFunction {
  name: string
  signature: string
  description: string
  example: string
}

export const functions: OwnFunction[] = [
  {
    name: 'decimal',
    signature: '$decimal(expression)',
    description:
      'Computes + - *, comparisons and $sum in exact decimals instead of doubles and rounds half-even to the scale of the column (4 where the column is no decimal). Text that is a number counts as one. Missing operands give missing.',
    example: '$decimal(quantity * unit_price)',
  },
  {
    name: 'ref',
    signature: '$ref("dataset", key) or $ref("pipeline.dataset", key, "as")',
    description:
      'The id of the row that another dataset makes. The key is converted to the type of the key there; a composite key is a list: [a, b]. A missing key gives missing.',
    example: '$ref("customers", customer_id)',
  },
  {
    name: 'self',
    signature: '$self("as") or $self()',
    description:
      'The id of a sibling: the row named so that this source row makes; without a name, its one row without a name.',
    example: '$self("email")',
  },
]

/** Fewest and most arguments. */
export const OWN_ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = {
  decimal: [1, 1],
  ref: [2, 3],
  self: [0, 1],
}

export const isOwn = (name: string): boolean => Object.hasOwn(OWN_ARGUMENTS, name)
