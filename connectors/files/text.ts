import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { SourceError } from '../../sdk/index.ts'
import { type FoundFile, printOf } from './listing.ts'

const CHUNK_BYTES = 262_144

/**
 * The file's bytes, unzipped, each as one character (latin1): cheap to search, and nothing is lost before a field
 * is decoded.
 * @throws {SourceError} E422 gone, E423 changed while read, E424 broken gzip, E428 UTF-16
 */
export async function* byteText(file: FoundFile, signal: AbortSignal): AsyncGenerator<string> {
  if ((await printOf(file.path, file.name)) !== file.print) throw changed(file)
  let first = true
  for await (const chunk of bytesOf(file)) {
    signal.throwIfAborted()
    const text = chunk.toString('latin1')
    yield first ? withoutMark(text, file) : text
    first = false
  }
  if (first && isZipped(file.name)) throw brokenGzip(file)
  if ((await printOf(file.path, file.name)) !== file.print) throw changed(file)
}

export const isZipped = (name: string): boolean => /\.gz$/i.test(name)

async function* bytesOf(file: FoundFile): AsyncGenerator<Buffer> {
  const source = createReadStream(file.path, { highWaterMark: CHUNK_BYTES })
  const bytes = isZipped(file.name) ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source
  source.on('error', (error) => bytes.destroy(error))
  try {
    for await (const chunk of bytes) yield chunk as Buffer
  } catch (cause) {
    throw isZip(cause) ? brokenGzip(file, cause) : unreadable(file, cause)
  } finally {
    bytes.destroy()
    source.destroy()
  }
}

const isZip = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('Z_')

const UTF8_MARK = '\xef\xbb\xbf'
const UTF16_MARK = /^(\xff\xfe|\xfe\xff)/

function withoutMark(text: string, file: FoundFile): string {
  if (UTF16_MARK.test(text)) {
    throw new SourceError('E428', {
      problem: `"${file.name}" is UTF-16.`,
      remedy: 'Save or export it as UTF-8.',
    })
  }
  return text.startsWith(UTF8_MARK) ? text.slice(UTF8_MARK.length) : text
}

export const changed = (file: FoundFile): SourceError =>
  new SourceError('E423', {
    problem: `"${file.name}" changed while it was read.`,
    remedy: 'Write files under another name and rename them when they are complete.',
  })

const brokenGzip = (file: FoundFile, cause?: unknown): SourceError =>
  new SourceError('E424', {
    problem: `"${file.name}" is no whole gzip file: it ends early or is damaged.`,
    remedy: 'Copy or export it again. What earlier runs loaded stays.',
    cause,
  })

const unreadable = (file: FoundFile, cause: unknown): SourceError =>
  new SourceError('E422', {
    problem: `"${file.name}" cannot be read (${(cause as { code?: string }).code ?? 'unknown reason'}).`,
    remedy: 'Check that it is there and that Polder may read it.',
    cause,
  })

export const ENCODINGS = ['utf-8', 'latin1', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * What a text of bytes says.
 * @throws {TypeError} bytes that the encoding does not have
 */
export function decoder(encoding: Encoding): (bytes: string) => string {
  if (encoding === 'latin1') return (bytes) => bytes
  if (encoding === 'windows-1252') return (bytes) => bytes.replace(/[\x80-\x9f]/g, fromWindows)
  const decode = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return (bytes) => (HIGH.test(bytes) ? decode.decode(Buffer.from(bytes, 'latin1')) : bytes)
}

const HIGH = /[\x80-\xff]/

/** Bytes 80 to 9F; a blank where there is no character. Node 20 decodes windows-1252 as latin1. */
const WINDOWS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

function fromWindows(byte: string): string {
  const char = WINDOWS[byte.charCodeAt(0) - 0x80]!
  if (char === ' ') throw new TypeError('no character of windows-1252')
  return char
}
