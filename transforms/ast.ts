/** A node of JSONata's syntax tree, as version 2.2.2 builds it; the tree is live: what is changed in it is evaluated. */
export interface Node {
  type: string
  value?: unknown
  /** Offset behind the token that made the node. */
  position?: number
  steps?: Node[]
  /** Of a call; of a lambda: its parameters. */
  arguments?: Node[]
  procedure?: Node
  expressions?: Node[]
  expression?: Node
  lhs?: Node | [Node, Node][]
  rhs?: Node
  condition?: Node
  then?: Node
  else?: Node
  body?: Node
  pattern?: Node
  update?: Node
  delete?: Node
  predicate?: { type: string; expr: Node }[]
  stages?: { type: string; expr?: Node; value?: unknown }[]
  group?: { lhs: [Node, Node][] }
  terms?: { expression: Node }[]
  signature?: { validate?: unknown }
  /** Names bound by `@$name` and `#$name`. */
  focus?: string
  index?: string
  tuple?: boolean
  keepArray?: boolean
  keepSingletonArray?: boolean
  thunk?: boolean
}

/** Calls `visit` for every node below `node` that is evaluated where `node` is, and says so for those that are not. */
export function eachChild(node: Node, visit: (child: Node, sameContext: boolean) => void): void {
  const same = (child: Node | undefined) => child && visit(child, true)
  const pairs = Array.isArray(node.lhs) ? node.lhs.flat() : [node.lhs]
  for (const step of node.steps ?? []) visit(step, step === node.steps![0])
  if (node.type !== 'lambda') node.arguments?.forEach(same)
  node.expressions?.forEach(same)
  pairs.forEach(same)
  for (const child of [
    node.procedure,
    node.expression,
    node.rhs,
    node.condition,
    node.then,
    node.else,
    node.body,
  ])
    same(child)
  for (const child of itemNodes(node)) visit(child, false)
}

/** Predicates, groups, sort terms and transforms: their context is an item of something. */
function itemNodes(node: Node): Node[] {
  const filters = [...(node.predicate ?? []), ...(node.stages ?? [])].map((it) => it.expr)
  const rest = [...(node.group?.lhs.flat() ?? []), ...(node.terms ?? []).map((it) => it.expression)]
  return [...filters, ...rest, node.pattern, node.update, node.delete].filter((it) => it !== undefined)
}

/** All nodes of the tree, `node` first. */
export function* nodes(node: Node): Generator<Node> {
  yield node
  const below: Node[] = []
  eachChild(node, (child) => below.push(child))
  for (const child of below) yield* nodes(child)
}

/** A step that only takes a name: no predicate, grouping, sorting, `[]`, `@` or `#`. */
export const isPlainStep = (step: Node): boolean =>
  !step.stages && !step.predicate && !step.group && !step.tuple && !step.keepArray

/** The names of `a.b.c`, where the whole expression is nothing else. */
export function dottedPath(node: Node): { head: Node; names: string[] } | undefined {
  if (node.type !== 'path' || node.group || node.tuple || node.keepArray || node.keepSingletonArray)
    return undefined
  const [head, ...rest] = node.steps!
  if (!head || !node.steps!.every(isPlainStep) || rest.some((it) => it.type !== 'name')) return undefined
  if (head.type !== 'name' && head.type !== 'variable') return undefined
  return { head, names: rest.map((it) => String(it.value)) }
}

export const isCallOf = (node: Node, name: string): boolean =>
  node.type === 'function' && node.procedure?.type === 'variable' && node.procedure.value === name

const NUMBER_BEFORE = /(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** The digits of a number literal as they were written. */
export const numberDigits = (node: Node, source: string): string =>
  NUMBER_BEFORE.exec(source.slice(0, node.position ?? 0))?.[0] ?? String(node.value)

/** Where a node's own token stands in the source. */
function tokenSpan(node: Node, source: string): { from: number; to: number } {
  const to = Math.min(node.position ?? 0, source.length)
  return { from: Math.max(0, to - tokenLength(node, source, to)), to }
}

function tokenLength(node: Node, source: string, to: number): number {
  if (node.type === 'number') return numberDigits(node, source).length
  if (node.type === 'variable') return String(node.value).length + 1
  if (node.type === 'string' || (node.type === 'name' && /["'`]/.test(source[to - 1] ?? ''))) {
    const open = openingQuote(source, to)
    return to - open
  }
  return String(node.value ?? ' ').length
}

function openingQuote(source: string, to: number): number {
  const quote = source[to - 1]!
  let at = to - 2
  while (at > 0 && (source[at] !== quote || source[at - 1] === '\\')) at -= 1
  return Math.max(0, at)
}

/** Where a node as a whole stands: a path from its first to its last step, a call by the name of its function. */
export function nodeSpan(node: Node, source: string): { from: number; to: number } {
  const parts = node.type === 'path' ? node.steps!.filter((it) => it.position !== undefined) : []
  const shown =
    node.type === 'function' && node.procedure ? nodeSpan(node.procedure, source) : tokenSpan(node, source)
  if (parts.length === 0) return shown
  return { from: tokenSpan(parts[0]!, source).from, to: tokenSpan(parts.at(-1)!, source).to }
}
