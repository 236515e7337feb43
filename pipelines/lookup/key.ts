import type { Column } from '../../core/batch.ts'
import type { RowSchema } from '../../core/field.ts'
import { joinKey } from '../../core/row-id.ts'
import { keyText, Misfit } from '../../transforms/index.ts'
import type { KeyType } from './key-type.ts'

/**
 * Gives the key of each row of a batch as text: equal keys are equal texts, whatever their fields' types.
 * @returns undefined for a row whose key is NULL, or no value of the type: it meets nothing
 */
export function keyReader(
  names: string[],
  types: KeyType[],
  { fields }: RowSchema,
  columns: Column[],
): (row: number) => string | undefined {
  const parts = names.map((name, at) => {
    const column = columns[fields.findIndex((it) => it.name === name)]
    const type = types[at] === 'unknown' ? undefined : types[at]
    return (row: number) => partText(column?.[row], type)
  })
  const [only] = parts
  if (parts.length === 1) return only!
  return (row) => {
    const texts: string[] = []
    for (const part of parts) {
      const text = part(row)
      if (text === undefined) return undefined
      texts.push(text)
    }
    return joinKey(texts)
  }
}

function partText(value: unknown, type: KeyType | undefined): string | undefined {
  if (value === null || value === undefined) return undefined
  const text = keyText(value, type)
  return text instanceof Misfit ? undefined : text
}
