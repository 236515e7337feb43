import type { OptionSet, OptionSpec } from '../core/options.ts'
import type { Place } from '../core/place.ts'
import { didYouMean } from '../core/text.ts'
import type { Json } from '../core/value.ts'
import { asList, asScalar, type Reading, type Slot, wrongKind } from './expect.ts'
import { hide } from './hide.ts'
import { readValue, WANTED } from './option-values.ts'
import { hasReference, resolveReferences, type Surroundings } from './references.ts'
import { type Entry, isEmpty } from './yaml/tree.ts'

export interface OptionRules {
  set: OptionSet
  /** As `The connector postgres`. */
  what: string
  /** Of the connection, for what is missing. */
  at: Place
  /** Paths must stay inside the project. */
  pathsInside: boolean
}

/** Checks the entries that are options, and resolves their references. What cannot be used is reported. */
export function readOptions(
  entries: Entry[],
  rules: OptionRules,
  around: Surroundings,
  reading: Reading,
): Record<string, Json> {
  const options = new Map<string, Json>()
  for (const entry of entries) {
    const spec = Object.hasOwn(rules.set, entry.key) ? rules.set[entry.key] : undefined
    if (spec === undefined) reportUnknown(entry, rules, reading)
    else {
      const value = readOption(entry, spec, rules, around, reading)
      if (value !== undefined) options.set(entry.key, value)
    }
  }
  for (const [name, spec] of Object.entries(rules.set)) {
    if (entries.some((it) => it.key === name)) continue
    if (spec.default !== undefined) options.set(name, spec.default)
    else if (spec.required) reportMissing(name, spec, rules, reading)
  }
  return Object.fromEntries(options)
}

function reportUnknown({ key, keyAt, value }: Entry, rules: OptionRules, reading: Reading): void {
  // A secret under a misspelled name would stand in the excerpt.
  hide(value, reading)
  reading.report.error('E123', keyAt, {
    problem: `${rules.what} has no option "${key}".`,
    remedy: `${didYouMean(key, Object.keys(rules.set))}Its options: ${Object.keys(rules.set).join(', ')}.`,
  })
}

function reportMissing(name: string, spec: OptionSpec, rules: OptionRules, { report }: Reading): void {
  const example = spec.example ?? (spec.kind === 'secret' ? '${env:NAME}' : '…')
  report.error('E124', rules.at, {
    problem: `${rules.what} needs the option "${name}" (${spec.description}).`,
    remedy: `Add it, as in: ${name}: ${example}`,
  })
}

function readOption(
  slot: Slot,
  spec: OptionSpec,
  rules: OptionRules,
  around: Surroundings,
  reading: Reading,
): Json | undefined {
  const { report } = reading
  if (spec.kind === 'texts') return readTexts(slot, around, reading)
  if (spec.kind === 'secret') return readSecret(slot, around, reading)
  const scalar = asScalar(slot, WANTED[spec.kind], report)
  if (scalar === undefined) return undefined
  const resolved = resolveReferences(scalar.written, false, around, report)
  if (resolved === undefined) return undefined
  return readValue({ slot, scalar, text: resolved, spec, pathsInside: rules.pathsInside }, reading)
}

function readSecret(slot: Slot, around: Surroundings, reading: Reading): string | undefined {
  const { value } = slot
  if (value.kind !== 'scalar' || value.value === null || !hasReference(value.written.text)) {
    if (isEmpty(value)) wrongKind(slot, WANTED.secret, reading.report)
    else reportLiteral(slot, reading)
    return undefined
  }
  return resolveReferences(value.written, true, around, reading.report)
}

function reportLiteral(slot: Slot, reading: Reading): void {
  hide(slot.value, reading)
  const name = slot.key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_')
  reading.report.error('E131', slot.value.at, {
    problem: `"${slot.key}" is a secret and stands in the file.`,
    remedy: `Write ${slot.key}: \${env:${name.toUpperCase()}} and set the variable, or \${file:path}.`,
    note: 'Was this file ever committed or shared? Then change the secret.',
  })
}

function readTexts(slot: Slot, around: Surroundings, reading: Reading): string[] | undefined {
  const single = slot.value.kind === 'scalar' && !isEmpty(slot.value)
  const nodes = single ? [slot.value] : asList(slot, 'of texts', reading.report)?.items
  const texts = nodes?.map((value) => {
    const scalar = asScalar({ ...slot, value }, 'a list of texts', reading.report)
    return scalar && resolveReferences(scalar.written, false, around, reading.report)
  })
  return texts?.every((it) => it !== undefined) ? texts : undefined
}
