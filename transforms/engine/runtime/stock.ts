import jsonata from 'jsonata'

/** The definition of a built-in function, as jsonata 2.2.2 gives it: undocumented, the version is pinned. */
export interface StockFunction {
  implementation(...parameters: unknown[]): unknown
  signature?: Signature
}

/** Checks arguments, fills in the context and makes lists of single values. @throws a plain object with T0410 to T0412 */
export interface Signature {
  definition: string
  validate(parameters: unknown[], context: unknown): unknown[]
}

const NAMES =
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis clone now millis'.split(
    ' ',
  )

const definitions = (await jsonata(`[${NAMES.map((it) => `$${it}`).join(',')}]`).evaluate(
  null,
)) as StockFunction[]

export const stockFunctions: ReadonlyMap<string, StockFunction> = new Map(
  NAMES.map((name, at) => [name, definitions[at]!]),
)
