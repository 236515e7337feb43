import type { OptionSpec } from '../core/options.ts'
import type { Json } from '../core/value.ts'
import type { Reading, Slot } from './expect.ts'
import { hide } from './hide.ts'
import { hasReference } from './references.ts'
import type { ScalarNode } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

export interface Given {
  slot: Slot
  scalar: ScalarNode
  /** With the references resolved: not for printing. */
  text: string
  spec: OptionSpec
  /** Paths must stay inside the project. */
  pathsInside: boolean
}

export const WANTED: Record<OptionSpec['kind'], string> = {
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

/** The value of an option of a kind that is one text, with its references resolved; undefined: reported. */
export function readValue(given: Given, reading: Reading): Json | undefined {
  switch (given.spec.kind) {
    case 'integer':
      return readInteger(given, reading)
    case 'boolean':
      return readBoolean(given, reading)
    case 'choice':
      return readChoice(given, reading)
    case 'timezone':
      return checkZone(given.text, given.scalar.at, reading.report)
    case 'url':
      return readUrl(given, reading)
    case 'path':
      return readPath(given, reading)
    default:
      return given.text
  }
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
  const { text } = given
  const climbs = (path: string) => path.split(/[\\/]/).reduce(climb, 0) < 0
  if (!given.pathsInside || !(/^([\\/]|[A-Za-z]:)/.test(text) || climbs(text))) return text
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
