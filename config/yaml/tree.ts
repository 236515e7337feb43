import type { Place, SourceText } from '../../core/place.ts'

/** A YAML file as the checks see it: aliases unfolded, keys as text, every value with its place. */
export type Node = MapNode | ListNode | ScalarNode

interface NodeBase {
  at: Place
  /** Offsets in the parsed text, of the node as it is written. */
  from: number
  to: number
  /** Stands inside `{ … }` or `[ … ]`. */
  inFlow: boolean
}

export interface MapNode extends NodeBase {
  kind: 'map'
  entries: Entry[]
  flow: boolean
}

export interface Entry {
  key: string
  keyAt: Place
  value: Node
}

export interface ListNode extends NodeBase {
  kind: 'list'
  items: Node[]
  flow: boolean
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar'
  value: string | number | boolean | null
  style: 'plain' | 'quoted' | 'block'
  /** The text as it stands, whatever type YAML gives it: `007`, `true`. */
  written: SourceText
  /** A comment on the same line begins at this offset. */
  commentAt?: number
}

export const entryOf = (map: MapNode, key: string): Entry | undefined =>
  map.entries.find((it) => it.key === key)

export const isEmpty = (node: Node): boolean => node.kind === 'scalar' && node.value === null

/** `a mapping`, `a list`, `the number 5`, `text`: never the text itself. */
export function kindOf(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string' ? 'text' : `the ${typeof node.value} ${node.written.text}`
}
