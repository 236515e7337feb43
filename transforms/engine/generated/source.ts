/** Kinds of values that an expression of the source can have, as bits. */
export const MISSING = 1
export const TEXT = 2
export const NUMBER = 4
export const BOOLEAN = 8
export const NULL = 16
/** Objects and functions. */
export const OBJECT = 32
export const LIST = 64
export const ANY = 127

/** A value in the source: a name or a literal, which may be written more than once. */
export interface Atom {
  code: string
  kinds: number
}

export const can = (atom: Atom, kinds: number): boolean => (atom.kinds & kinds) !== 0
export const isOnly = (atom: Atom, kinds: number): boolean => (atom.kinds & ~kinds) === 0

export const NOTHING: Atom = { code: 'undefined', kinds: MISSING }

/**
 * A text of the user as a literal of the source: the only way in for one. It ends no script element, no comment and no
 * line, wherever the source is shown.
 */
export const textLiteral = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u2028\u2029<>*/`$]/g,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** In brackets, as `1.length` and `- -1` are no code. */
export const numberLiteral = (value: number): string => (Object.is(value, -0) ? '(-0)' : `(${value})`)

/** The source of one compiled expression: functions, and the values that they use by name. */
export class Source {
  readonly functions: string[] = []
  readonly #names = new Map<unknown, string>()
  #count = 0

  fresh(letter: string): string {
    this.#count += 1
    return `${letter}${this.#count}`
  }

  /** The name of a value that is handed to the source by reference. */
  ref(value: unknown): string {
    const known = this.#names.get(value)
    if (known !== undefined) return known
    const name = this.fresh('k')
    this.#names.set(value, name)
    return name
  }

  /** Adds a function. @returns its name */
  define(parameters: string[], write: (writer: Writer) => Atom): string {
    const writer = new Writer(this)
    const result = write(writer)
    const name = this.fresh('f')
    this.functions.push(
      `const ${name} = (${parameters.join(', ')}) => {\n${writer.lines.join('\n')}\nreturn ${result.code};\n};`,
    )
    return name
  }

  text(main: string): string {
    return `"use strict";\n${this.functions.join('\n')}\nreturn ${main};`
  }

  /** @throws {EvalError} where the process does not generate code */
  build(main: string): unknown {
    const make = new Function(...this.#names.values(), this.text(main))
    return make(...this.#names.keys())
  }
}

/** Statements of one function. */
export class Writer {
  readonly source: Source
  readonly lines: string[] = []
  /** What was computed already, by block: data do not change while an expression runs. */
  readonly #known: Map<string, Atom>[] = [new Map()]

  constructor(source: Source) {
    this.source = source
  }

  ref(value: unknown): string {
    return this.source.ref(value)
  }

  add(line: string): void {
    this.lines.push(line)
  }

  value(code: string, kinds: number): Atom {
    const name = this.source.fresh('v')
    this.add(`const ${name} = ${code};`)
    return { code: name, kinds }
  }

  variable(): string {
    const name = this.source.fresh('v')
    this.add(`let ${name};`)
    return name
  }

  block(head: string, write: () => void): void {
    this.add(`${head} {`)
    this.#known.push(new Map())
    write()
    this.#known.pop()
    this.add('}')
  }

  once(key: string, make: () => Atom): Atom {
    for (const block of this.#known) {
      const known = block.get(key)
      if (known) return known
    }
    const atom = make()
    this.#known.at(-1)!.set(key, atom)
    return atom
  }
}
