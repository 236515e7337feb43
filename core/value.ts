/** Any JSON value. On our road there is no `Date`, no `bigint`, no `undefined` inside. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * One canonical value of a field, by its `FieldType` (see `field.ts`).
 *
 * Numbers: at most 15 significant digits, or an integer up to 2^53−1, travel as `number`; any other as
 * canonical decimal text. Instants are ISO 8601 UTC text with exactly six fraction digits.
 */
export type Value = Json

/** One source record as plain JSON. */
export type Row = { [field: string]: Value }
