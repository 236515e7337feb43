import type { Node } from '../../ast.ts'
import { compile } from '../closures/node.ts'
import { givesBoolean } from '../closures/operators.ts'
import { isName, nameOf } from '../closures/path.ts'
import { builtinOf, type Place } from '../closures/unit.ts'
import { isIn } from '../runtime/operators.ts'
import { isList } from '../runtime/sequence.ts'
import { tick } from '../runtime/state.ts'
import { emit, type Spot } from './emit.ts'
import { fieldOf, plainOf, readOf } from './names.ts'
import { test } from './operators.ts'
import { ANY, type Atom, BOOLEAN, LIST, MISSING, NUMBER, TEXT, textLiteral, type Writer } from './source.ts'

/** The loop met something that it is not made for: the closure does it all again. */
const AGAIN = Symbol('again')

/** What is done with each value of a path. */
interface Fold {
  start: string
  /** `item` is the value; may return at once. */
  each(item: string): string
  end: string
  kinds: number
}

const CHANCE = ['random', 'shuffle', 'now', 'millis', 'error', 'assert']

/**
 * `$sum(a.b.(x * y))` and the like as one loop, without a list in between. Lists in lists, and whatever is not of the
 * right type, are left to the closure, which begins anew: so only what may be evaluated twice is done here.
 */
export function foldOf(name: string, node: Node, spot: Spot, writer: Writer): Atom | undefined {
  const [list, second, more] = node.arguments!
  if (list === undefined || more) return undefined
  const again = `return ${writer.ref(AGAIN)};`
  const { text: limit } = spot.place.unit.state.limits
  if (name === 'join') {
    if (second !== undefined && (second.type !== 'string' || second.predicate || second.group))
      return undefined
    const mark = textLiteral(String(second?.value ?? ''))
    return folded(list, node, spot, writer, {
      start: "let count = 0; let total = '';",
      each: (it) =>
        `if (typeof ${it} !== 'string') ${again} total = count++ === 0 ? ${it} : total + ${mark} + ${it}; if (total.length > ${limit}) ${again}`,
      end: 'count === 0 ? undefined : total',
      kinds: TEXT | MISSING,
    })
  }
  const fold = second === undefined ? folds(again)[name] : undefined
  return fold && folded(list, node, spot, writer, fold)
}

const folds = (again: string): Record<string, Fold> => {
  const number = (start: string, next: (it: string) => string): Fold => ({
    start: `let count = 0; let total = ${start};`,
    each: (it) => `if (typeof ${it} !== 'number') ${again} count += 1; total = ${next(it)};`,
    end: 'count === 0 ? undefined : total',
    kinds: NUMBER | MISSING,
  })
  return {
    sum: number('0', (it) => `total + ${it}`),
    max: number('-Infinity', (it) => `Math.max(total, ${it})`),
    min: number('Infinity', (it) => `Math.min(total, ${it})`),
    count: { start: 'let count = 0;', each: () => 'count += 1;', end: 'count', kinds: NUMBER },
  }
}

/** `a in b.c` */
export function inItems(left: Atom, list: Node, spot: Spot, writer: Writer): Atom | undefined {
  const steps = stepsOf(list, spot.place)
  // What an expression in the path throws must be thrown, found or not.
  if (steps === undefined || !steps.every((it) => isName(it))) return undefined
  const closure = writer.ref(compile(list, spot.place))
  const fold: Fold = {
    start: '',
    each: (it) => `if (${it} === among) return true;`,
    end: 'false',
    kinds: BOOLEAN,
  }
  const found = loopOf(steps, spot, writer, fold, ['among'])
  const result = writer.value(`${found}, ${left.code})`, ANY)
  const { input, frame } = spot
  const slow = `${writer.ref(isIn)}(${left.code}, ${closure}(${input.code}, ${frame}))`
  return writer.value(
    `${left.code} !== undefined && (${result.code} === ${writer.ref(AGAIN)} ? ${slow} : ${result.code})`,
    BOOLEAN,
  )
}

function folded(list: Node, call: Node, spot: Spot, writer: Writer, fold: Fold): Atom | undefined {
  const steps = stepsOf(list, spot.place)
  if (steps === undefined) return undefined
  const result = writer.value(`${loopOf(steps, spot, writer, fold)})`, ANY)
  const closure = writer.ref(compile({ ...call, predicate: undefined, group: undefined }, spot.place))
  const slow = `${closure}(${spot.input.code}, ${spot.frame})`
  return writer.value(
    `${result.code} === ${writer.ref(AGAIN)} ? ${slow} : ${result.code}`,
    // The closure may give anything that the function can give.
    fold.kinds | (fold.kinds & NUMBER ? MISSING : 0),
  )
}

/** The steps of a path that a loop can take: names, then at most one expression or one predicate. */
function stepsOf(node: Node, place: Place): Node[] | undefined {
  if (node.type !== 'path' || node.predicate || node.group || node.keepArray || node.keepSingletonArray)
    return undefined
  const [head, ...rest] = node.steps!
  if (node.tuple || !head || head.type !== 'name') return undefined
  const steps = [head, ...rest]
  const other = steps.filter((it) => !isName(it))
  if (other.length > 1 || (other.length === 1 && !isTaken(other[0]!, other[0] === head, place)))
    return undefined
  if (place.row || isName(head)) return steps
  return undefined
}

/** Is it a step that gives the same when it is evaluated again? */
function isTaken(step: Node, isHead: boolean, place: Place): boolean {
  if (step.keepArray || step.group || step.predicate || step.tuple || step.focus || step.index) return false
  if (step.type === 'name') {
    const [stage, more] = step.stages ?? []
    if (isHead || stage?.type !== 'filter' || more || !stage.expr) return false
    return givesBoolean(stage.expr) && isRepeatable(stage.expr, place)
  }
  const { consarray } = step as { consarray?: boolean }
  if (isHead || step.stages || consarray) return false
  return ['block', 'binary', 'condition', 'function'].includes(step.type) && isRepeatable(step, place)
}

function isRepeatable(value: unknown, place: Place): boolean {
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every((it) => isRepeatable(it, place))
  const node = value as Node
  if (node.type === 'lambda' || node.type === 'bind' || node.type === 'apply' || node.type === 'regex')
    return false
  if (node.type === 'function') {
    const builtin = builtinOf(node.procedure, place)
    if (builtin === undefined || CHANCE.includes(builtin.name)) return false
    return isRepeatable(node.arguments, place)
  }
  return Object.values(node).every((it) => isRepeatable(it, place))
}

/** Calls the loop; the call is left open for more arguments. */
function loopOf(steps: Node[], spot: Spot, writer: Writer, fold: Fold, more: string[] = []): string {
  const { place, input, frame } = spot
  const name = nameOf(steps[0]!)
  const again = writer.ref(AGAIN)
  let start: string
  if (place.row) start = fieldOf(place.unit.root!, name, writer).code
  else {
    const plain = plainOf(input, writer).code
    // A list of records is left to the closure.
    start = writer.once(`start ${plain} ${name}`, () =>
      writer.value(`${plain} === undefined ? ${again} : ${readOf(plain, name, writer)}`, ANY),
    ).code
  }
  const rest = steps.slice(1)
  const loop = writer.source.define(['start', 'frame', ...more], (inner) => {
    inner.add(`if (start === ${again}) return ${again};`)
    inner.add(fold.start)
    const within = { ...place, row: false }
    level('start', rest, { place: within, input: { code: '', kinds: ANY }, frame: 'frame' }, inner, fold)
    return { code: fold.end, kinds: fold.kinds }
  })
  return `${loop}(${start}, ${frame}`
}

/** One value of the path so far: its items, each through the steps that are left. */
function level(value: string, steps: Node[], spot: Spot, writer: Writer, fold: Fold): void {
  const again = `return ${writer.ref(AGAIN)};`
  const list = writer.source.fresh('v')
  const at = writer.source.fresh('i')
  const item = writer.source.fresh('v')
  const { state } = spot.place.unit
  writer.block(`if (${value} !== undefined)`, () => {
    writer.add(
      `const ${list} = typeof ${value} === 'object' && ${writer.ref(isList)}(${value}) ? ${value} : undefined;`,
    )
    const [step, ...rest] = steps
    // An empty list as the one result stays a list.
    const isOdd =
      step === undefined ? `${list}.length === 0 || ${list}.cons === true` : `${list}.cons === true`
    writer.add(`if (${list} !== undefined && (${isOdd})) ${again}`)
    const count = `${list} === undefined ? 1 : ${list}.length`
    writer.block(`for (let ${at} = 0, end = ${count}; ${at} < end; ${at}++)`, () => {
      writer.add(`${writer.ref(tick)}(${writer.ref(state)});`)
      writer.add(`const ${item} = ${list} === undefined ? ${value} : ${list}[${at}];`)
      writer.add(`if (typeof ${item} === 'object' && ${writer.ref(isList)}(${item})) ${again}`)
      if (step === undefined) writer.add(fold.each(item))
      else level(taken(step, item, spot, writer), rest, spot, writer, fold)
    })
  })
}

function taken(step: Node, item: string, spot: Spot, writer: Writer): string {
  if (step.type !== 'name') {
    const kinds = ANY & ~LIST & ~MISSING
    return emit(step, { ...spot, input: { code: item, kinds } }, writer).code
  }
  const read = `typeof ${item} === 'object' && ${item} !== null ? ${readOf(item, nameOf(step), writer)} : undefined`
  const value = writer.value(read, ANY)
  return step.stages ? kept(value, step.stages[0]!.expr!, spot, writer) : value.code
}

/** The items that a predicate lets through, of a list or of one value. */
function kept(value: Atom, predicate: Node, spot: Spot, writer: Writer): string {
  const passes = writer.source.define(['input', 'frame'], (inner) => ({
    code: test(predicate, { ...spot, input: { code: 'input', kinds: ANY }, frame: 'frame' }, inner),
    kinds: ANY,
  }))
  const state = writer.ref(spot.place.unit.state)
  return writer.value(
    `${value.code} === undefined ? undefined : ${writer.ref(passing)}(${state}, ${value.code}, ${passes}, ${spot.frame})`,
    ANY,
  ).code
}

function passing(
  state: Parameters<typeof tick>[0],
  value: unknown,
  passes: (item: unknown, frame: unknown) => boolean,
  frame: unknown,
): unknown {
  if (!isList(value)) return passes(value, frame) ? value : undefined
  const items: unknown[] = []
  for (let at = 0; at < value.length; at++) {
    tick(state)
    if (passes(value[at], frame)) items.push(value[at])
  }
  return items.length === 0 ? undefined : items
}
