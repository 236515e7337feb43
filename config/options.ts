import type { OptionSet, OptionSpec } from '../core/options.ts'
import type { Place } from '../core/place.ts'
import { didYouMean } from '../core/text.ts'
import type { Json } from '../core/value.ts'
import { asList, asScalar, type Reading, type Slot, wrongKind } from './expect.ts'
import { maskRange, soundsSecret } from './mask.ts'
import { hasReference, resolveReferences, type Surroundings } from './references.ts'
import { type Entry, isEmpty, type Node, type ScalarNode } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

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

/** Masks every literal below `node` in what may be printed of the file. */
export function hide(node: Node, reading: Reading): void {
  if (node.kind === 'map') for (const it of node.entries) hide(it.value, reading)
  else if (node.kind === 'list') for (const it of node.items) hide(it, reading)
  else if (node.value !== null && typeof node.value !== 'boolean')
    maskRange(reading.parsed.file, node.from, node.to)
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
  const given: Given = { slot, scalar, text: resolved, spec, rules }
  if (spec.kind === 'text') return resolved
  if (spec.kind === 'integer') return readInteger(given, reading)
  if (spec.kind === 'boolean') return readBoolean(given, reading)
  if (spec.kind === 'choice') return readChoice(given, reading)
  if (spec.kind === 'timezone') return checkZone(resolved, scalar.at, report)
  return spec.kind === 'url' ? readUrl(given, reading) : readPath(given, reading)
}

interface Given {
  slot: Slot
  scalar: ScalarNode
  /** With the references resolved: not for printing. */
  text: string
  spec: OptionSpec
  rules: OptionRules
}

const WANTED: Record<OptionSpec['kind'], string> = {
  text: 'text',
  url: 'a URL',
  secret: 'a reference, as ${env:NAME}',
  integer: 'a whole number',
  boolean: 'true or false',
  path: 'a path',
  choice: 'one of its choices',
  timezone: 'a time zone, as Europe/Amsterdam',
  texts: 'a list of texts',
}

/** A value from outside is not printed: it may be a secret in the wrong place. */
const spoken = ({ scalar, spec }: Given): string =>
  hasReference(scalar.written.text) || spec.kind === 'url' ? 'The value' : `"${scalar.written.text}"`

function wrongValue(given: Given, wanted: string, { report }: Reading): undefined {
  report.error('E125', given.scalar.at, {
    problem: `${spoken(given)} of "${given.slot.key}" is not ${wanted}.`,
    remedy: given.spec.example
      ? `As an example: ${given.slot.key}: ${given.spec.example}`
      : `Write ${wanted}.`,
  })
  return undefined
}

function readInteger(given: Given, reading: Reading): number | undefined {
  const number = /^[+-]?\d+$/.test(given.text.trim()) ? Number(given.text) : Number.NaN
  return Number.isSafeInteger(number) ? number : wrongValue(given, 'a whole number', reading)
}

function readBoolean(given: Given, reading: Reading): boolean | undefined {
  if (given.text === 'true' || given.text === 'false') return given.text === 'true'
  return wrongValue(given, 'true or false', reading)
}

function readChoice(given: Given, reading: Reading): string | undefined {
  const choices = given.spec.choices ?? []
  if (choices.includes(given.text)) return given.text
  return wrongValue(given, `one of ${choices.join(', ')}`, reading)
}

function readUrl(given: Given, reading: Reading): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given.text) && URL.canParse(given.text)) return given.text
  // It may hold a password that only looks like no URL.
  hide(given.scalar, reading)
  return wrongValue(given, 'a URL', reading)
}

function readPath(given: Given, { report }: Reading): string | undefined {
  const { text, rules } = given
  const climbs = (path: string) => path.split(/[\\/]/).reduce(climb, 0) < 0
  if (!rules.pathsInside || !(/^([\\/]|[A-Za-z]:)/.test(text) || climbs(text))) return text
  report.error('E127', given.scalar.at, {
    problem: `${spoken(given)} leads out of the project's folder.`,
    remedy: 'Write a path inside it, as ./data/customers.csv.',
  })
  return undefined
}

/** Depth below the project's folder; once below zero it stays there. */
function climb(depth: number, step: string): number {
  if (depth < 0 || step === '' || step === '.') return depth
  return step === '..' ? depth - 1 : depth + 1
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

/** Masks values of which nothing is known, as under an unknown connector, unless their name is harmless. */
export function hideUnknown(entries: Entry[], harmless: (key: string) => boolean, reading: Reading): void {
  for (const { key, value } of entries) if (soundsSecret(key) || !harmless(key)) hide(value, reading)
}
