import { EngineError } from '../error.ts'
import { checkText, nowOf, type State } from '../state.ts'
import { stockFunctions } from '../stock.ts'
import { jsonText, textOf } from '../value.ts'

type Text = string | undefined

export const base64encode = (_: State, text: Text): Text =>
  text === undefined ? undefined : Buffer.from(text, 'binary').toString('base64')
export const base64decode = (_: State, text: Text): Text =>
  text === undefined ? undefined : Buffer.from(text, 'base64').toString('binary')

const url =
  (convert: (text: string) => string) =>
  (state: State, text: Text): Text => {
    if (text === undefined) return undefined
    checkText(state, text.length * 3)
    try {
      return convert(text)
    } catch {
      throw new EngineError('D3140', text)
    }
  }

export const encodeUrlComponent = url(encodeURIComponent)
export const encodeUrl = url(encodeURI)
export const decodeUrlComponent = url(decodeURIComponent)
export const decodeUrl = url(decodeURI)

export function error(_: State, message?: string): never {
  throw told('D3137', message || '$error() function evaluated')
}

export function assert(_: State, condition: unknown, message?: string): undefined {
  if (!condition) throw told('D3141', message || '$assert() statement failed')
}

function told(code: string, message: string): EngineError {
  const error = new EngineError(code)
  error.message = message
  return error
}

export function clone(state: State, value: unknown): unknown {
  if (value === undefined) return undefined
  return JSON.parse(typeof value === 'object' ? jsonText(state, value, 0) : textOf(state, value))
}

const { formatNumber: number, formatInteger: integer } = stock('formatNumber', 'formatInteger')
const {
  parseInteger: parsed,
  toMillis: millisOf,
  fromMillis: fromStock,
} = stock('parseInteger', 'toMillis', 'fromMillis')

type Stock = (this: unknown, ...parameters: unknown[]) => unknown

function stock(...names: string[]): Record<string, Stock> {
  return Object.fromEntries(names.map((it) => [it, stockFunctions.get(it)!.implementation as Stock]))
}

/** Pictures are read in full for every value; a longer one is no picture. */
const LONGEST_PICTURE = 1000

function checkPicture(picture: unknown): void {
  if (typeof picture === 'string' && picture.length > LONGEST_PICTURE)
    throw new EngineError('P1002', LONGEST_PICTURE)
}

export function formatNumber(_: State, value: unknown, picture: unknown, options?: unknown): unknown {
  checkPicture(picture)
  return number!(value, picture, options)
}

export function formatInteger(_: State, value: unknown, picture: unknown): unknown {
  checkPicture(picture)
  return integer!(value, picture)
}

export function parseInteger(_: State, text: unknown, picture: unknown): unknown {
  checkPicture(picture)
  return parsed!(text, picture)
}

export function toMillis(state: State, text: Text, picture?: string): unknown {
  if (text === undefined) return undefined
  if (picture === undefined) return millisOf!(text)
  checkPicture(picture)
  checkAmbiguity(text, picture)
  return millisOf!.call({ environment: { timestamp: nowOf(state) } }, text, picture)
}

const LONGEST_STAMP = 200
const PARTS = /\[[^\]]*\]/g

/** JSONata makes a regular expression of a picture; parts without width behind each other are tried in every split. */
function checkAmbiguity(text: string, picture: string): void {
  if (text.length > LONGEST_STAMP) throw new EngineError('P1002', LONGEST_STAMP)
  let run = 0
  let end = -1
  for (const part of picture.matchAll(PARTS)) {
    const isWide = !/\d\d/.test(part[0]) || part[0].startsWith('[f')
    run = isWide ? (part.index === end ? run + 1 : 1) : 0
    end = part.index + part[0].length
    if (run > 3) throw new EngineError('P1002', picture.length)
  }
}

export function fromMillis(_: State, millis: unknown, picture?: unknown, zone?: unknown): unknown {
  checkPicture(picture)
  return fromStock!(millis, picture, zone)
}

export const now = (state: State, picture?: unknown, zone?: unknown): unknown =>
  fromMillis(state, nowOf(state).getTime(), picture, zone)
export const millis = (state: State): number => nowOf(state).getTime()
