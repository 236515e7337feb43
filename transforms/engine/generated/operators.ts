import type { Node } from '../../ast.ts'
import { ARITHMETIC, COMPARISON, carefulBinary, givesBoolean } from '../closures/operators.ts'
import { equal, isIn, unequal } from '../runtime/operators.ts'
import { truthy } from '../runtime/value.ts'
import { emit, type Spot } from './emit.ts'
import { inItems } from './items.ts'
import { ANY, type Atom, BOOLEAN, can, isOnly, LIST, MISSING, NUMBER, TEXT, type Writer } from './source.ts'

export function operation(node: Node, spot: Spot, writer: Writer): Atom {
  const operator = String(node.value)
  if (operator === 'and' || operator === 'or') return { code: test(node, spot, writer), kinds: BOOLEAN }
  const a = emit(node.lhs as Node, spot, writer)
  if (operator === 'in') return isAmong(a, node, spot, writer)
  const b = emit(node.rhs!, spot, writer)
  if (operator === '=') return comparesEqual(a, b, spot, writer)
  if (operator === '!=') return comparesUnequal(a, b, spot, writer)
  const slow = `${writer.ref(carefulBinary(node, spot.place.unit.state))}(${a.code}, ${b.code})`
  const missing = (a.kinds | b.kinds) & MISSING
  if (operator === '&') {
    const { text: limit } = spot.place.unit.state.limits
    const fits = both(a, b, TEXT, 'string', `${a.code}.length + ${b.code}.length <= ${limit}`)
    return writer.value(fits ? `${fits} ? ${a.code} + ${b.code} : ${slow}` : slow, TEXT)
  }
  if (ARITHMETIC.includes(operator)) {
    const fits = both(a, b, NUMBER, 'number', finite(a), finite(b))
    const quick = `${a.code} ${operator} ${b.code}`
    return writer.value(fits === undefined ? slow : `${fits} ? ${quick} : ${slow}`, NUMBER | missing)
  }
  if (COMPARISON.includes(operator)) {
    const fits = both(a, b, NUMBER, 'number')
    const quick = `${a.code} ${operator} ${b.code}`
    return writer.value(fits === undefined ? slow : `${fits} ? ${quick} : ${slow}`, BOOLEAN | missing)
  }
  return writer.value(slow, ANY)
}

const isLiteral = ({ code }: Atom): boolean => !/^[a-z]/.test(code) || /^(true|false|null)$/.test(code)

// `x - x === 0` holds for finite numbers only.
const finite = (atom: Atom): string => (isLiteral(atom) ? '' : `${atom.code} - ${atom.code} === 0`)

/** The condition under which both are of a kind; undefined where one never is. */
function both(a: Atom, b: Atom, kind: number, word: string, ...more: string[]): string | undefined {
  if (!can(a, kind) || !can(b, kind)) return undefined
  const parts = [a, b].map((it) => (isOnly(it, kind) ? '' : `typeof ${it.code} === '${word}'`))
  return [...parts, ...more].filter((it) => it !== '').join(' && ') || 'true'
}

function comparesEqual(a: Atom, b: Atom, spot: Spot, writer: Writer): Atom {
  if (isLiteral(a) || isLiteral(b)) return writer.value(`${a.code} === ${b.code}`, BOOLEAN)
  const slow = `${writer.ref(equal)}(${writer.ref(spot.place.unit.state)}, ${a.code}, ${b.code})`
  return writer.value(slow, BOOLEAN)
}

function comparesUnequal(a: Atom, b: Atom, spot: Spot, writer: Writer): Atom {
  if (isLiteral(a) || isLiteral(b)) {
    const there = [a, b].filter((it) => can(it, MISSING)).map((it) => `${it.code} !== undefined && `)
    return writer.value(`${there.join('')}${a.code} !== ${b.code}`, BOOLEAN)
  }
  const slow = `${writer.ref(unequal)}(${writer.ref(spot.place.unit.state)}, ${a.code}, ${b.code})`
  return writer.value(slow, BOOLEAN)
}

function isAmong(a: Atom, node: Node, spot: Spot, writer: Writer): Atom {
  const quick = inItems(a, node.rhs!, spot, writer)
  if (quick) return quick
  const b = emit(node.rhs!, spot, writer)
  if (can(b, LIST)) return writer.value(`${writer.ref(isIn)}(${a.code}, ${b.code})`, BOOLEAN)
  return writer.value(`${a.code} !== undefined && ${a.code} === ${b.code}`, BOOLEAN)
}

/** Writes a node as a condition. @returns an expression that gives true or false */
export function test(node: Node, spot: Spot, writer: Writer): string {
  const isPlain = !node.predicate && !node.group && !node.stages
  const operator = node.type === 'binary' && isPlain ? String(node.value) : ''
  if (operator === 'and' || operator === 'or') {
    const result = writer.variable()
    writer.add(`${result} = ${test(node.lhs as Node, spot, writer)};`)
    writer.block(`if (${operator === 'and' ? '' : '!'}${result})`, () =>
      writer.add(`${result} = ${test(node.rhs!, spot, writer)};`),
    )
    return result
  }
  const atom = emit(node, spot, writer)
  if (isOnly(atom, BOOLEAN)) return atom.code
  if (givesBoolean(node) || isOnly(atom, BOOLEAN | MISSING)) return `(${atom.code} === true)`
  if (isOnly(atom, TEXT)) return `(${atom.code}.length > 0)`
  const { code } = atom
  return writer.value(
    `typeof ${code} === 'string' ? ${code}.length > 0 : typeof ${code} === 'boolean' ? ${code} : ${writer.ref(truthy)}(${code})`,
    BOOLEAN,
  ).code
}
