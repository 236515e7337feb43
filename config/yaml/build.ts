import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type Scalar,
} from 'yaml'
import type { SourceText } from '../../core/place.ts'
import type { Report } from '../report.ts'
import type { Locate } from './locate.ts'
import { mapScalar, type ScalarToken } from './scalar-map.ts'
import type { Entry, ListNode, MapNode, Node, ScalarNode } from './tree.ts'

const MAX_DEPTH = 100
const MAX_UNFOLDED = 10_000

interface Building {
  document: Document.Parsed
  locate: Locate
  report: Report
  /** Values made by unfolding aliases so far. */
  unfolded: number
  stopped: boolean
}

interface Around {
  depth: number
  inFlow: boolean
  /** The alias through which this is reached. */
  alias?: Alias.Parsed
}

/** @returns undefined where the document is empty, or too deep or too wide (then reported) */
export function buildTree(document: Document.Parsed, locate: Locate, report: Report): Node | undefined {
  const building: Building = { document, locate, report, unfolded: 0, stopped: false }
  if (document.contents === null) return undefined
  const node = build(document.contents, { depth: 0, inFlow: false }, building)
  return building.stopped ? undefined : node
}

function build(node: ParsedNode, around: Around, building: Building): Node {
  const [from, to] = node.range
  if (!mayGoOn(node, around, building)) return emptyNode(from, around, building)
  if (isAlias(node)) {
    const target = node.resolve(building.document) as ParsedNode | undefined
    if (target)
      return build(target, { ...around, depth: around.depth + 1, alias: around.alias ?? node }, building)
    building.report.error('E101', building.locate(from, to), {
      problem: '"*" begins an alias in YAML, and there is no anchor of this name above.',
      remedy: 'Put text that starts with * in quotes.',
    })
    return textNode(`*${node.source}`, from, to, around, building)
  }
  if (isScalar(node)) return buildScalar(node as Scalar.Parsed, around, building)
  const flow = node.flow === true
  const inside = { ...around, depth: around.depth + 1, inFlow: around.inFlow || flow }
  const base = { at: building.locate(from, to), from, to, inFlow: around.inFlow, flow }
  if (isMap(node)) {
    const entries = entriesOf(node.items as Pair<ParsedNode, ParsedNode | null>[], inside, building)
    return {
      kind: 'map',
      ...base,
      at: flow ? base.at : (entries[0]?.keyAt ?? base.at),
      entries,
    } satisfies MapNode
  }
  if (!isSeq(node)) return emptyNode(from, around, building)
  const items = (node.items as ParsedNode[]).map((it) => build(it, inside, building))
  return { kind: 'list', ...base, items } satisfies ListNode
}

const spanOf = (node: ParsedNode): [number, number] => [node.range[0], node.range[1]]

/** Depth and unfolding are bounded; past the bound the whole file is refused once. */
function mayGoOn(node: ParsedNode, around: Around, building: Building): boolean {
  if (building.stopped) return false
  if (around.alias) building.unfolded += 1
  const tooDeep = around.depth > MAX_DEPTH
  if (!tooDeep && building.unfolded <= MAX_UNFOLDED) return true
  building.stopped = true
  building.report.error(tooDeep ? 'E104' : 'E105', building.locate(...spanOf(around.alias ?? node)), {
    problem: tooDeep
      ? `Mappings and lists are nested more than ${MAX_DEPTH} deep here.`
      : `The aliases of this file unfold to more than ${MAX_UNFOLDED.toLocaleString('en-US')} values.`,
    remedy: tooDeep ? 'Look for an anchor that contains itself.' : 'Write the repeated values out.',
  })
  return false
}

function entriesOf(
  pairs: Pair<ParsedNode, ParsedNode | null>[],
  inside: Around,
  building: Building,
): Entry[] {
  const seen = new Set<string>()
  return pairs.map((pair) => {
    const key = String((pair.key as Scalar).value ?? '')
    const [from, to] = pair.key.range
    const keyAt = building.locate(from, to)
    if (seen.has(key))
      building.report.error('E102', keyAt, {
        problem: `The key "${key}" stands twice in this mapping.`,
        remedy: 'Remove one of them, or merge them. Several rows for one table are written as a list.',
      })
    seen.add(key)
    const value = pair.value ? build(pair.value, inside, building) : emptyNode(to, inside, building)
    return { key, keyAt, value }
  })
}

function buildScalar(node: Scalar.Parsed, around: Around, building: Building): ScalarNode {
  const [from, to] = node.range
  const token = node.srcToken as ScalarToken | undefined
  const end = token && 'end' in token ? token.end : undefined
  const comment = end?.find((it) => it.type === 'comment')
  return {
    kind: 'scalar',
    value: node.value as ScalarNode['value'],
    style: node.type === 'PLAIN' ? 'plain' : node.type?.startsWith('QUOTE') ? 'quoted' : 'block',
    written: sourceText(node, token, building.locate),
    at: building.locate(from, to),
    from,
    to,
    inFlow: around.inFlow,
    commentAt: comment?.offset,
  }
}

function sourceText(node: Scalar.Parsed, token: ScalarToken | undefined, locate: Locate): SourceText {
  const [start, stop] = node.range
  const mapped = token && isScalarToken(token) ? mapScalar(token) : { text: '', offsets: [start] }
  const text = typeof node.value === 'string' ? node.value : mapped.text
  // Where the library decodes some oddity in another way, every character stands at the scalar's beginning.
  const offsets = mapped.text === text ? mapped.offsets : undefined
  const place = (from = 0, to = text.length) => {
    if (offsets === undefined) return locate(start, stop)
    const first = offsets[Math.min(Math.max(0, from), text.length)]!
    const last = to > from ? offsets[Math.min(to, text.length) - 1]! + 1 : first + 1
    return locate(first, last)
  }
  return { text, place }
}

const isScalarToken = (token: { type: string }): boolean => token.type.endsWith('scalar')

/** A value that is not there. */
function emptyNode(offset: number, around: Around, building: Building): ScalarNode {
  return { ...textNode('', offset, offset, around, building), style: 'plain', value: null }
}

/** A text that was not read as one. */
function textNode(text: string, from: number, to: number, around: Around, building: Building): ScalarNode {
  const at = building.locate(from, Math.max(to, from + 1))
  const written = { text, place: () => at }
  return { kind: 'scalar', value: text, style: 'quoted', written, at, from, to, inFlow: around.inFlow }
}
