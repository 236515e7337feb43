import type { FieldType } from '../core/field.ts'
import { escapePart, joinKey, shorten } from '../core/row-id.ts'
import { keyText } from './key-text.ts'
import { Misfit } from './misfit.ts'

/** `pipeline:dataset:` */
export const idPrefix = (pipeline: string, dataset: string): string =>
  `${escapePart(pipeline)}:${escapePart(dataset)}:`

/** A `$ref` with its target found. */
export interface Reference {
  prefix: string
  suffix: string
  keyTypes?: FieldType[]
  dataset: string
}

export const REF = ' ref'
export const SELF = ' self'

/**
 * The id that a key leads to.
 * @returns undefined where a part of the key is missing
 * @throws {Misfit} a part that the target's key type cannot be
 */
export function referredId(reference: Reference, given: unknown[]): string | undefined {
  const [only] = given
  const keys = given.length === 1 && Array.isArray(only) ? only : given
  if (keys.length === 0 || keys.some((it) => it === undefined || it === null)) return undefined
  const { keyTypes, dataset } = reference
  if (keyTypes !== undefined && keys.length !== keyTypes.length) {
    throw new Misfit(
      'E521',
      `$ref gives ${keys.length} key values, and the key of "${dataset}" has ${keyTypes.length}`,
    )
  }
  const texts = keys.map((it, at) => referredKey(it, keyTypes?.[at], dataset))
  return shorten(reference.prefix + joinKey(texts) + reference.suffix)
}

function referredKey(value: unknown, type: FieldType | undefined, dataset: string): string {
  const text = keyText(value, type)
  if (text instanceof Misfit) throw new Misfit('E521', `the key of $ref to "${dataset}" ${text.reason}`)
  return text
}
