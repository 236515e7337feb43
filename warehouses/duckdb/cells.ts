import type { Value } from '../../core/value.ts'
import { bug } from '../errors.ts'
import { dayNumber, instantMicros } from '../instants.ts'

/** A chunk of DuckDB holds no more. */
export const CHUNK_ROWS = 2048

/** What becomes a vector's memory. The driver exists only for little-endian machines of 64 bits. */
export interface Cells {
  bytes: Uint8Array
  words: Int32Array
  doubles: Float64Array
}

export function newCells(bytes: number): Cells {
  const memory = new ArrayBuffer(bytes)
  return {
    bytes: new Uint8Array(memory),
    words: new Int32Array(memory),
    doubles: new Float64Array(memory),
  }
}

/** Writes a value that is not NULL into a cell of its type. */
export type Put = (cells: Cells, row: number, value: Value) => void

const WORD = 2 ** 32

// `| 0` takes the low 32 bits of any whole number that a double carries.
function putWhole({ words }: Cells, at: number, value: number): void {
  words[at] = value | 0
  words[at + 1] = Math.floor(value / WORD)
}

/** In two's complement over `count` words. */
function putBig({ words }: Cells, at: number, value: bigint, count: number): void {
  if (BigInt.asIntN(count * 32, value) !== value) throw bug('A number does not fit its column.')
  for (let i = 0; i < count; i++) words[at + i] = Number(BigInt.asIntN(32, value >> BigInt(32 * i)))
}

export const putInteger: Put = (cells, row, value) => {
  if (Number.isSafeInteger(value)) putWhole(cells, row * 2, value as number)
  else putBig(cells, row * 2, BigInt(value as number | string), 2)
}

export const putDouble: Put = ({ doubles }, row, value) => {
  doubles[row] = value as number
}

export const putBoolean: Put = ({ bytes }, row, value) => {
  bytes[row] = value === true ? 1 : 0
}

export const putDate: Put = ({ words }, row, value) => {
  words[row] = dayNumber(value as string)
}

export const putInstant: Put = (cells, row, value) => {
  const micros = instantMicros(value as string)
  if (typeof micros === 'number') putWhole(cells, row * 2, micros)
  else putBig(cells, row * 2, micros, 2)
}

const ZERO = 48
const MINUS = 45
const POINT = 46

/** A decimal is its unscaled number in the smallest whole number that holds `precision` digits: its width in bytes. */
export const decimalWidth = (precision: number): number =>
  precision <= 4 ? 2 : precision <= 9 ? 4 : precision <= 18 ? 8 : 16

/** For texts with exactly `scale` fraction digits. */
export function putDecimal(precision: number, scale: number): Put {
  const width = decimalWidth(precision)
  return (cells, row, value) => {
    const text = String(value)
    const number = unscaled(text, precision, scale)
    if (number === undefined) putBig(cells, (row * width) / 4, unscaledBig(text, precision), width / 4)
    else if (width >= 8) {
      const at = (row * width) / 4
      putWhole(cells, at, number)
      if (width === 16) cells.words.fill(number < 0 ? -1 : 0, at + 2, at + 4)
    } else if (width === 4) cells.words[row] = number
    else {
      cells.bytes[row * 2] = number & 0xff
      cells.bytes[row * 2 + 1] = (number >> 8) & 0xff
    }
  }
}

/** @returns undefined where a double might not carry it */
function unscaled(text: string, precision: number, scale: number): number | undefined {
  const negative = text.charCodeAt(0) === MINUS
  const point = scale === 0 ? -1 : text.length - scale - 1
  let number = 0
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (i === point ? code !== POINT : code < ZERO || code > ZERO + 9) throw misfit()
    if (i !== point) number = number * 10 + code - ZERO
  }
  if (number > Number.MAX_SAFE_INTEGER) return undefined
  if (number >= 10 ** precision) throw misfit()
  return negative ? -number : number
}

function unscaledBig(text: string, precision: number): bigint {
  const number = BigInt(text.replace('.', ''))
  const limit = 10n ** BigInt(precision)
  if (number >= limit || number <= -limit) throw misfit()
  return number
}

const misfit = () => bug('A decimal does not fit its column.')
