import { eachChild, type Node } from './ast.ts'
import { BUILTINS, isBuiltin } from './builtins.ts'

/** What a bare name means: a field of the source row, of an item of `each`, or of something not known here. */
type Context = 'row' | 'item' | 'unknown'

export interface Visitor {
  /** A field is taken by its name from the row or the item. */
  field?(context: 'row' | 'item', name: string, node: Node): void
  /** The row or the item is taken whole, or in a way that could reach any field. */
  whole?(context: 'row' | 'item'): void
  /** Any node, with what bare names in it mean. */
  node?(node: Node, context: Context): void
}

/**
 * Walks an expression and tells which fields it takes.
 * Wherever the context cannot be known it is `unknown`, so that a check built on this never raises a false alarm.
 *
 * @param start what bare names and `$$` mean: `item` below `each`
 */
export function walkScope(root: Node, start: 'row' | 'item', visitor: Visitor): void {
  const whole = (context: Context) => context !== 'unknown' && visitor.whole?.(context)
  const contextOf = (variable: Node, context: Context): Context | undefined => {
    if (variable.value === '') return context
    if (variable.value === '$') return start
    return variable.value === 'row' ? 'row' : undefined
  }

  const walk = (node: Node, context: Context, extraArguments = 0): void => {
    visitor.node?.(node, context)
    if (node.type === 'name' && context !== 'unknown') visitor.field?.(context, String(node.value), node)
    if (node.type === 'variable') whole(contextOf(node, context) ?? 'unknown')
    if (node.type === 'wildcard' || node.type === 'descendant') whole(context)
    if (node.type === 'parent') for (const it of ['row', 'item'] as const) whole(it)
    if (node.type === 'function' && takesContext(node, extraArguments)) whole(context)
    if (node.type === 'path') walkPath(node, context)
    else if (node.type === 'apply') {
      walk(node.lhs as Node, context)
      walk(node.rhs!, context, 1)
    } else eachChild(node, (child, same) => walk(child, same ? context : 'unknown'))
  }

  const walkPath = (path: Node, context: Context): void => {
    const [head, next] = path.steps!
    const headContext = head!.type === 'variable' ? contextOf(head!, context) : undefined
    const named = headContext !== undefined && next?.type === 'name' && !head!.stages && !head!.predicate
    let current = context
    for (const step of path.steps!) {
      if (step === head && named) visitor.node?.(step, context)
      else if (step === head) walkHead(step, context)
      else if (step.type === 'name') walkStep(step, current)
      else walk(step, current)
      // `@` names the items and stays where it was: the next step is taken from there again.
      if (step === head && named) current = headContext
      else if (!step.focus) current = 'unknown'
    }
    eachChild({ ...path, steps: [] }, (child) => walk(child, current))
  }

  const walkHead = (head: Node, context: Context): void =>
    head.type === 'name' ? walkStep(head, context) : walk(head, context)

  /** A step's name is taken from `context`; its predicates see what it gave. */
  const walkStep = (step: Node, context: Context): void => {
    visitor.node?.(step, context)
    if (context !== 'unknown') visitor.field?.(context, String(step.value), step)
    eachChild(step, (child) => walk(child, step.focus ? context : 'unknown'))
  }

  walk(root, start)
}

function takesContext(call: Node, extraArguments: number): boolean {
  const name = call.procedure?.type === 'variable' ? String(call.procedure.value) : ''
  return isBuiltin(name) && call.arguments!.length + extraArguments < BUILTINS[name]!
}

/** Variables that the expression itself binds, wherever in it. */
export function boundNames(root: Node): Set<string> {
  const names = new Set<string>()
  walkScope(root, 'row', {
    node: (node) => {
      if (node.type === 'bind') names.add(String((node.lhs as Node).value))
      if (node.type === 'lambda') for (const it of node.arguments ?? []) names.add(String(it.value))
      if (node.focus) names.add(node.focus)
      if (node.index) names.add(node.index)
      for (const it of node.stages ?? []) if (it.type === 'index') names.add(String(it.value))
    },
  })
  return names
}
