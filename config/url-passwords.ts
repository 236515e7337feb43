import { urlPasswords } from './mask.ts'
import type { Report } from './report.ts'
import type { Span } from './yaml/locate.ts'
import type { ParsedFile } from './yaml/parse.ts'
import type { Node, ScalarNode } from './yaml/tree.ts'

/**
 * Reports every text of a file that is or holds a URL with a password in clear text.
 * @returns what a search in the file's text would not find, since escapes and folds hide it
 */
export function literalPasswords({ text, root }: ParsedFile, report: Report): Span[] {
  const hidden: Span[] = []
  for (const scalar of root ? scalarsOf(root) : []) {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('://')) continue
    for (const { from, to } of urlPasswords(scalar.value)) {
      if (!text.includes(scalar.value)) hidden.push({ from: scalar.from, to: scalar.to })
      report.error('E135', scalar.written.place(from, to), {
        problem: 'This URL carries a password in clear text.',
        remedy: 'Put a reference in its place: ://user:${env:NAME}@…',
        note: 'Was this file ever committed or shared? Then change the password.',
      })
    }
  }
  return hidden
}

function* scalarsOf(node: Node): Generator<ScalarNode> {
  if (node.kind === 'scalar') yield node
  else if (node.kind === 'list') for (const it of node.items) yield* scalarsOf(it)
  else for (const it of node.entries) yield* scalarsOf(it.value)
}
