import type { SourceText } from '../../core/place.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import { isCallOf, nodes } from '../ast.ts'
import { isParsed, parseText } from '../parse.ts'
import { CLOSE_FUNCTIONS } from './say-function.ts'

/** Does a mapping compute what SQL may only say closely? Whatever its source and its engine are. */
export const mayBeClose = (dataset: DatasetSpec): boolean => expressionsOf(dataset).some(callsClose)

/** Conditions and keys have no close forms. */
const expressionsOf = ({ targets }: DatasetSpec): SourceText[] =>
  targets.flatMap(({ columns }) =>
    columns.flatMap(({ value }) => ('expression' in value ? [value.expression] : [])),
  )

function callsClose(source: SourceText): boolean {
  const parsed = parseText(source)
  if (!isParsed(parsed)) return false
  return [...nodes(parsed.ast)].some((it) => CLOSE_FUNCTIONS.some((name) => isCallOf(it, name)))
}
