import { looseText, type SourceFile, type SourceText } from '../core/place.ts'
import type { Report } from './report.ts'

/** A function of the team's own: one file of `transforms/`, named as the function. */
export interface TeamFunction {
  name: string
  /** `function($a, $b) { … }` */
  source: SourceText
}

const NAME = /^[A-Za-z_]\w*$/
/** Comments, then the word or the sign of a function. */
const FUNCTION = /^(?:\s|\/\*[\s\S]*?\*\/)*(?:function|λ)\s*\(/

/**
 * Reads `transforms/*.jsonata`.
 * @param taken  names of functions that there are already
 */
export function teamFunctions(files: SourceFile[], taken: readonly string[], report: Report): TeamFunction[] {
  return files.flatMap((file) => {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.jsonata$/, '')
    const source = looseText(file.text.trimEnd(), file.path)
    const fault = faultOf(name, source.text, taken)
    if (fault === undefined) return [{ name, source }]
    report.error('E164', source.place(0, 1), fault)
    return []
  })
}

function faultOf(name: string, text: string, taken: readonly string[]) {
  if (!NAME.test(name))
    return {
      problem: `"${name}" is no name for a function.`,
      remedy:
        'Name the file with letters, digits and underscores, as transforms/full_name.jsonata for $full_name.',
    }
  if (taken.includes(name))
    return { problem: `There is a function $${name} already.`, remedy: 'Give the file another name.' }
  if (FUNCTION.test(text)) return undefined
  return {
    problem: `The file does not begin with a function.`,
    remedy: `Write one function: function($value) { … }. It is called as $${name}(…).`,
  }
}

/**
 * An expression with the functions that it calls before it, as one block: whoever compiles it needs to know nothing of
 * files, and every place in it leads to the file where it was written.
 */
export function withFunctions(source: SourceText, functions: readonly TeamFunction[]): SourceText {
  const used = usedBy(source.text, functions)
  if (used.length === 0) return source
  const pieces: Piece[] = []
  let text = '( '
  for (const { name, source: own } of used) {
    text += `$${name} := `
    pieces.push({ from: text.length, source: own })
    text += `${own.text}; `
  }
  const begin = text.length
  pieces.push({ from: begin, source })
  text += `${source.text} )`
  return { text, begin, place: (from = 0, to = text.length) => placeIn(pieces, from, to) }
}

interface Piece {
  from: number
  source: SourceText
}

/** In the piece where the span begins; what lies between the pieces belongs to the expression itself. */
function placeIn(pieces: Piece[], from: number, to: number) {
  const inside = pieces.find((it) => from >= it.from && from < it.from + it.source.text.length)
  const piece = inside ?? pieces.at(-1)!
  const length = piece.source.text.length
  const at = (offset: number) => Math.min(Math.max(0, offset - piece.from), length)
  return piece.source.place(inside ? at(from) : 0, inside ? Math.max(at(to), at(from) + 1) : length)
}

/** Those that the text names, and those that they name, each before its users. */
function usedBy(text: string, functions: readonly TeamFunction[]): TeamFunction[] {
  const found: TeamFunction[] = []
  const add = (from: string): void => {
    for (const it of functions) {
      if (found.includes(it) || pending.has(it) || !names(from, it.name)) continue
      pending.add(it)
      add(it.source.text)
      pending.delete(it)
      found.push(it)
    }
  }
  const pending = new Set<TeamFunction>()
  add(text)
  return found
}

const names = (text: string, name: string): boolean => new RegExp(`\\$${name}(?!\\w)`).test(text)
