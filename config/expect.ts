import type { Place } from '../core/place.ts'
import { didYouMean } from '../core/text.ts'
import { type Level, laterFinding } from './later.ts'
import type { Report } from './report.ts'
import type { TeamFunction } from './team-functions.ts'
import type { Span } from './yaml/locate.ts'
import type { ParsedFile } from './yaml/parse.ts'
import {
  type Entry,
  isEmpty,
  kindOf,
  type ListNode,
  type MapNode,
  type Node,
  type ScalarNode,
} from './yaml/tree.ts'

/** The file being read and where its findings go. */
export interface Reading {
  parsed: ParsedFile
  report: Report
  /** Literals that must not be printed; masked in the file's text when it is read. */
  hidden: Span[]
  /** The team's own, in files whose expressions may call them. */
  functions?: readonly TeamFunction[]
}

/** A value with the key before it, the place for what is missing. */
export interface Slot {
  /** As `from` or `warehouse`. */
  key: string
  keyAt: Place
  value: Node
}

export interface KeyRules {
  /** What has these keys, as `A dataset`. */
  what: string
  known: readonly string[]
  level?: Level
}

/** The entries of a mapping by key, without those that do not belong there (then reported). */
export function fieldsOf(map: MapNode, rules: KeyRules, { report }: Reading): Map<string, Entry> {
  const fields = new Map<string, Entry>()
  for (const entry of map.entries) {
    if (rules.known.includes(entry.key)) fields.set(entry.key, entry)
    else reportUnknown(entry, map, rules, report)
  }
  return fields
}

function reportUnknown({ key, keyAt, value }: Entry, map: MapNode, rules: KeyRules, report: Report): void {
  const later = rules.level && laterFinding(key, rules.level)
  if (later) report.error('E120', keyAt, later)
  else if (!reportComma({ key, keyAt, value }, map, report))
    report.error('E111', keyAt, {
      problem: `${rules.what} has no key "${key}".`,
      remedy: `${didYouMean(key, rules.known)}Its keys: ${rules.known.join(', ')}.`,
    })
}

/** `{ is: Ahold, Delhaize }`: the comma ended the text, and a key without a value is left. */
export function reportComma({ key, keyAt, value }: Entry, map: MapNode, report: Report): boolean {
  if (!map.flow || !isEmpty(value)) return false
  report.error('E171', keyAt, {
    problem: `Inside { … } a comma ends the text, so YAML reads "${key}" as a key without a value.`,
    remedy: 'Put the text that holds the comma in quotes.',
  })
  return true
}

/** A mapping, or undefined (then reported). */
export function asMap(slot: Slot, holds: string, report: Report): MapNode | undefined {
  return slot.value.kind === 'map' ? slot.value : void wrongKind(slot, `a mapping (${holds})`, report)
}

export function asList(slot: Slot, holds: string, report: Report): ListNode | undefined {
  return slot.value.kind === 'list' ? slot.value : void wrongKind(slot, `a list (${holds})`, report)
}

/** A scalar with something in it. */
export function asScalar(slot: Slot, wanted: string, report: Report): ScalarNode | undefined {
  const { value } = slot
  if (value.kind === 'scalar' && value.value !== null) return value
  return void wrongKind(slot, wanted, report)
}

/** A text that is not empty; numbers and booleans must be quoted, since YAML may have changed them. */
export function asText(slot: Slot, report: Report): ScalarNode | undefined {
  const scalar = asScalar(slot, 'text', report)
  if (scalar === undefined) return undefined
  if (typeof scalar.value !== 'string') {
    wrongKind(slot, 'text', report, `Put it in quotes: ${slot.key}: "${scalar.written.text}"`)
    return undefined
  }
  if (scalar.value.trim() !== '') return scalar
  report.error('E114', scalar.at, { problem: `"${slot.key}" is empty.`, remedy: 'Give it a value.' })
  return undefined
}

/** A text that is one of `choices`. */
export function asChoice<T extends string>(slot: Slot, choices: readonly T[], report: Report): T | undefined {
  const scalar = asScalar(slot, `one of ${choices.join(', ')}`, report)
  if (scalar === undefined) return undefined
  const { text } = scalar.written
  if ((choices as readonly string[]).includes(text)) return text as T
  report.error('E117', scalar.at, {
    problem: `"${text}" is no value of "${slot.key}".`,
    remedy: `${didYouMean(text, choices)}Possible: ${choices.join(', ')}.`,
  })
  return undefined
}

/** A whole number from 0. */
export function asCount(slot: Slot, report: Report): number | undefined {
  const scalar = asScalar(slot, 'a whole number', report)
  if (scalar === undefined) return undefined
  const { value } = scalar
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  wrongKind(slot, 'a whole number from 0', report)
  return undefined
}

export function wrongKind(slot: Slot, wanted: string, report: Report, remedy?: string): void {
  if (isEmpty(slot.value))
    report.error('E114', slot.keyAt, {
      problem: `"${slot.key}" has no value.`,
      remedy: `It needs ${wanted}; or remove the key.`,
    })
  else
    report.error('E113', slot.value.at, {
      problem: `"${slot.key}" needs ${wanted}; here is ${kindOf(slot.value)}.`,
      remedy: remedy ?? `Write ${wanted}.`,
    })
}

/** The entry of a key that must be there. */
export function required(
  fields: Map<string, Entry>,
  key: string,
  whole: { at: Place; what: string; example: string },
  report: Report,
): Entry | undefined {
  const entry = fields.get(key)
  if (entry === undefined)
    report.error('E112', whole.at, {
      problem: `${whole.what} has no "${key}".`,
      remedy: `Add it, as in: ${whole.example}`,
    })
  return entry
}

/** The whole file as a mapping. */
export function rootMap({ parsed, report }: Reading, what: string): MapNode | undefined {
  if (parsed.broken) return undefined
  const { root } = parsed
  if (root?.kind === 'map') return root
  const slot = { key: parsed.file.path, keyAt: parsed.locate(0) }
  if (root === undefined || isEmpty(root))
    report.error('E114', slot.keyAt, { problem: 'This file is empty.', remedy: `It needs ${what}.` })
  else wrongKind({ ...slot, value: root }, `a mapping (${what})`, report)
  return undefined
}
