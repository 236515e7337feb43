import type { Place, SourceText } from '../core/place.ts'
import type { DatasetSpec, TargetSpec } from '../core/spec.ts'
import { nodeSpan } from './ast.ts'
import { isParsed, parseText } from './parse.ts'
import { walkScope } from './scope.ts'

type Start = 'row' | 'item'

/**
 * The source fields that a dataset's expressions and look-ups take by name, each with the first place that names it; also where
 * the mapping itself cannot be compiled. Fields reached through the whole row (`$`, `attributes: '*'`) are not named.
 */
export function namedFields(dataset: DatasetSpec): Map<string, Place> {
  const named = new Map<string, Place>()
  for (const [source, start] of expressionsOf(dataset)) {
    const parsed = parseText(source)
    if (!isParsed(parsed)) continue
    walkScope(parsed.ast, start, {
      field: (context, name, node) => {
        if (context !== 'row' || named.has(name)) return
        const { from, to } = nodeSpan(node, source.text)
        named.set(name, source.place(from, to))
      },
    })
  }
  for (const it of dataset.with ?? []) {
    named.delete(it.name)
    for (const { name, at } of it.on) if (!named.has(name)) named.set(name, at)
  }
  return named
}

function expressionsOf({ where, deletes, targets }: DatasetSpec): [SourceText, Start][] {
  const own: [SourceText, Start][] = [where, deletes].flatMap((it) => (it ? [[it, 'row']] : []))
  return [...own, ...targets.flatMap(ofTarget)]
}

function ofTarget({ each, when, key, columns, attributes }: TargetSpec): [SourceText, Start][] {
  const start: Start = each ? 'item' : 'row'
  const values = columns.flatMap(({ value }) => ('expression' in value ? [value.expression] : []))
  const kept = attributes && !attributes.all ? attributes.entries.map((it) => it.value) : []
  const below = [when, key, ...values, ...kept].filter((it) => it !== undefined)
  return [
    ...(each ? [[each, 'row'] as [SourceText, Start]] : []),
    ...below.map((it): [SourceText, Start] => [it, start]),
  ]
}
