import { isUnknown, itemType, kindsText, LIST, type Type } from './type.ts'

const MOST_SHOWN = 5

/** A type in words: `text (date), or missing`, `a number or a list of such`, `not known before a row is read`. */
export function typeText(type: Type): string {
  if (type.kinds === 0) return 'never a value'
  if (isUnknown(type)) return 'not known before a row is read'
  const shown = valuesText(type) ?? kindsWords(type)
  return type.missing ? `${shown}, or missing` : shown
}

function valuesText({ literals }: Type): string | undefined {
  if (!literals || literals.length > MOST_SHOWN) return undefined
  return literals.map((it) => JSON.stringify(it)).join(' or ')
}

function kindsWords(type: Type): string {
  const { kinds, declared, many } = type
  if (!(kinds & LIST)) return declared ? `${kindsText(kinds)} (${declared})` : kindsText(kinds)
  const item = itemType(type)
  const items = isUnknown(item) || item.kinds === 0 ? undefined : kindsWords(item)
  if (items === undefined) return kindsText(kinds)
  return kinds === LIST && !many ? `a list of ${items}` : `${items}, or a list of several`
}
