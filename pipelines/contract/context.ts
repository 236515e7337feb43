import type { RowSchema } from '../../core/field.ts'
import type { Place } from '../../core/place.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'

/** What the findings of a contract speak about. */
export interface Context {
  dataset: DatasetSpec
  /** Fields that the mapping, the key or the cursor names. */
  used: Map<string, Place>
  now: RowSchema
  /** The user takes the source as it is now. */
  accept: boolean
}

export const refOf = ({ dataset }: Context): string => datasetRef(dataset)
