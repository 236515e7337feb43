import type { NamedField } from '../core/spec.ts'
import { asText, type Reading, wrongKind } from './expect.ts'
import type { Entry } from './yaml/tree.ts'

/** One name or a list of names; reported where it is anything else. */
export function readFieldNames(entry: Entry, { report }: Reading): NamedField[] {
  const { value } = entry
  const items = value.kind === 'list' ? value.items : [value]
  if (value.kind === 'map' || items.length === 0) {
    wrongKind(entry, 'the name of a source field, or a list of names', report)
    return []
  }
  const names: NamedField[] = []
  for (const item of items) {
    const scalar = asText({ ...entry, value: item }, report)
    const name = scalar?.written.text
    if (scalar && names.some((it) => it.name === name))
      report.error('E116', scalar.at, {
        problem: `"${name}" stands twice in "${entry.key}".`,
        remedy: 'Remove one of them.',
      })
    else if (scalar) names.push({ name: name!, at: scalar.at })
  }
  return names
}
