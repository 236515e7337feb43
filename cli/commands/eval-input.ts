import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { ConfigError } from '../../core/errors.ts'
import type { Json } from '../../core/value.ts'

/** What `--on` names: a dataset, or values of its own; undefined among them stands for no input. */
export type Inputs = { dataset: string } | { values: (Json | undefined)[] }

const JSON_TEXT = /^\s*(?:[[{"\d-]|(?:true|false|null)\s*$)/
const LINES = /\.(?:jsonl|ndjson)$/i
const WHOLE = /\.json$/i

/**
 * @param rows how many lines of a file of JSON lines
 * @throws {ConfigError} E807 no JSON, or a file that cannot be read
 */
export async function inputsOf(on: string | undefined, rows: number, cwd: string): Promise<Inputs> {
  if (on === undefined) return { values: [undefined] }
  if (LINES.test(on)) return { values: await readLines(resolve(cwd, on), rows) }
  if (WHOLE.test(on)) return { values: [await readWhole(resolve(cwd, on))] }
  if (JSON_TEXT.test(on)) return { values: [await parsed(on, '--on')] }
  return { dataset: on }
}

const readWhole = async (path: string): Promise<Json> =>
  parsed(await readFile(path, 'utf8').catch(unreadable(path)), basename(path))

/** Reads no further than it must. */
async function readLines(path: string, rows: number): Promise<Json[]> {
  const stream = createReadStream(path, 'utf8')
  const values: Json[] = []
  let line = 0
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      if (withoutMark(text).trim() !== '') values.push(await parsed(text, `${basename(path)}:${line}`))
      if (values.length >= rows) break
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    unreadable(path)(error)
  } finally {
    stream.destroy()
  }
  if (values.length === 0) throw unusable(`${basename(path)} holds no line of JSON.`)
  return values
}

/** By the number rule: a number that a double does not carry becomes text. */
async function parsed(text: string, where: string): Promise<Json> {
  const { parseJson } = await import('../../core/json.ts')
  try {
    return parseJson(withoutMark(text))
  } catch (error) {
    // Its message quotes the text, which is data.
    if (error instanceof SyntaxError) throw unusable(`${where} is no JSON.`)
    throw error
  }
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '')

const unreadable =
  (path: string) =>
  (error: unknown): never => {
    throw unusable(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}.`)
  }

const unusable = (problem: string): ConfigError =>
  new ConfigError('E807', {
    problem,
    remedy: `As polder eval 'a & b' --on '{"a":"x","b":"y"}', --on row.json or --on <pipeline>.<dataset>`,
  })
