import { type Document, parseDocument, type YAMLError } from 'yaml'
import type { SourceFile } from '../../core/place.ts'
import type { Report } from '../report.ts'
import { buildTree } from './build.ts'
import { type Locate, locator } from './locate.ts'
import { repairLine } from './repair.ts'
import type { Node } from './tree.ts'

const MAX_FILE_CHARACTERS = 1_000_000
const MAX_REPAIRS = 10
/** Every attempt parses the file again. */
const MAX_REPAIRED_CHARACTERS = 50_000
const MAX_SYNTAX_ERRORS = 10

export interface ParsedFile {
  file: SourceFile
  /** What the tree's offsets count in: the file's text, with cut expressions put in quotes. */
  text: string
  locate: Locate
  /** Absent where the file is empty or cannot be read; `broken` tells which. */
  root?: Node
  broken: boolean
}

export interface ParseChoices {
  /** The file holds expressions: look for lines that lack quotes around one. */
  expressions?: boolean
}

/**
 * Reads one YAML file, within limits. Lines that only lack quotes around an expression are reported and then read
 * as they were meant, so that the faults of the rest are found too.
 */
export function parseYaml(file: SourceFile, report: Report, options: ParseChoices = {}): ParsedFile {
  const locate = locator(file, file.text)
  if (file.text.length > MAX_FILE_CHARACTERS) {
    report.error('E103', locate(0), {
      problem: `This file has ${file.text.length.toLocaleString('en-US')} characters; at most 1 MB is read.`,
      remedy: 'Split it into several files.',
    })
    return { file, text: file.text, locate, broken: true }
  }
  const repairs = options.expressions && file.text.length <= MAX_REPAIRED_CHARACTERS ? MAX_REPAIRS : 0
  const { text, document } = parseRepaired(file, repairs, report)
  const repaired = locator(file, text)
  const found = report.problems.length
  reportSyntax(document, repaired, report)
  if (report.problems.length > found) return { file, text, locate: repaired, broken: true }
  const root = buildTree(document, repaired, report)
  return { file, text, locate: repaired, root, broken: root === undefined && document.contents !== null }
}

function parseRepaired(
  file: SourceFile,
  repairs: number,
  report: Report,
): { text: string; document: Document.Parsed } {
  let text = file.text
  let document = parse(text)
  for (let i = 0; i < repairs && document.errors.length > 0; i++) {
    const [from, to] = document.errors[0]!.pos
    const repair = repairLine(text, from, (changed) => parse(changed).errors.length < document.errors.length)
    if (!repair) break
    report.error('E171', locator(file, text)(from, to), {
      problem: 'YAML cannot read the expression on this line without quotes.',
      remedy: `Write it in quotes:\n${repair.line}`,
    })
    text = repair.text
    document = parse(text)
  }
  return { text, document }
}

// Version and schema are set here; reportSyntax refuses a %YAML line that says otherwise.
const parse = (text: string): Document.Parsed =>
  parseDocument(text, {
    keepSourceTokens: true,
    stringKeys: true,
    // Checked while the tree is built: the library compares every key with every other.
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'error',
  })

function reportSyntax(document: Document.Parsed, locate: Locate, report: Report): void {
  const version = document.directives.yaml
  if (version.explicit && version.version !== '1.2')
    report.error('E107', locate(0), {
      problem: `This file asks for YAML ${version.version}; Polder reads YAML 1.2.`,
      remedy: 'Remove the %YAML line.',
    })
  const lines = new Set<number>()
  // One mistake makes the parser stumble over all that follows on the line.
  for (const error of [...document.errors, ...document.warnings]) {
    const at = locate(...error.pos)
    if (lines.has(at.line) || lines.size >= MAX_SYNTAX_ERRORS) continue
    lines.add(at.line)
    reportError(error, locate, report)
  }
}

function reportError(error: YAMLError, locate: Locate, report: Report): void {
  const at = locate(...error.pos)
  if (error.code === 'MULTIPLE_DOCS')
    report.error('E106', at, {
      problem: 'A second YAML document begins here.',
      remedy: 'Put it in a file of its own.',
    })
  else if (error.code === 'TAG_RESOLVE_FAILED')
    report.error('E107', at, {
      problem: 'YAML tags like this one are not supported.',
      remedy: 'Remove the tag; put text that starts with ! in quotes.',
    })
  else if (error.code === 'RESOURCE_EXHAUSTION')
    report.error('E104', at, {
      problem: 'Mappings and lists are nested too deeply here.',
      remedy: 'Look for unclosed brackets.',
    })
  else report.error('E101', at, { problem: withoutText(error.message), remedy: REMEDIES[error.code] })
}

/** The parser quotes the file in some messages; what it quotes may be a secret. */
const withoutText = (message: string): string => `${message.split(': ')[0]!.replace(/"[^"]*$/, '"')}.`

const REMEDIES: Record<string, string> = {
  TAB_AS_INDENT: 'Indent with blanks.',
  BAD_INDENT: 'Entries of one mapping start at the same column; check the indentation and open brackets.',
  MISSING_CHAR: 'Close the quote or bracket. Its beginning may stand further up.',
  BLOCK_AS_IMPLICIT_KEY: 'Put text that holds ": " in quotes.',
  MULTILINE_IMPLICIT_KEY: 'Is a ":" missing on this line?',
  UNEXPECTED_TOKEN: 'Put the whole text in quotes, or look for a bracket or quote too many.',
  BAD_SCALAR_START: 'Put text that starts with this character in quotes.',
  NON_STRING_KEY: 'Keys are plain text.',
  BAD_ALIAS: 'Put text that starts with & or * in quotes.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape: write \\\\, or use single quotes.',
}
