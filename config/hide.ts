import type { Reading } from './expect.ts'
import { soundsSecret } from './mask.ts'
import type { Entry, Node } from './yaml/tree.ts'

/** Masks every literal below `node` in what may be printed of the file. */
export function hide(node: Node, reading: Reading): void {
  if (node.kind === 'map') for (const it of node.entries) hide(it.value, reading)
  else if (node.kind === 'list') for (const it of node.items) hide(it, reading)
  else if (node.value !== null && typeof node.value !== 'boolean')
    reading.hidden.push({ from: node.from, to: node.to })
}

/** Masks values of which nothing is known, as under an unknown connector, unless their name is harmless. */
export function hideUnknown(entries: Entry[], harmless: (key: string) => boolean, reading: Reading): void {
  for (const { key, value } of entries) if (soundsSecret(key) || !harmless(key)) hide(value, reading)
}
