import {
  AuthError,
  BugError,
  ConfigError,
  DataError,
  type ErrorDetails,
  PolderError,
  TransientError,
  WarehouseError,
} from '../core/errors.ts'
import { tlsRemedy } from '../sdk/index.ts'
import type { Engine, Fault } from './engine.ts'

/** Turns a driver's error into ours; ours pass through. */
export function warehouseError(engine: Engine, cause: unknown): Error {
  if (cause instanceof PolderError) return cause
  const fault = engine.fault(cause)
  if (fault === undefined && cause instanceof Error && !engine.spoke(cause)) return cause
  return fault === undefined
    ? new WarehouseError('E690', {
        problem: `The warehouse refused a statement: ${engine.words(cause)}.`,
        cause,
      })
    : known[fault](engine.words(cause), cause)
}

export const lostStaging = (cause?: unknown): TransientError =>
  new TransientError('E611', {
    problem: 'The staged rows went with their connection.',
    remedy: 'They are read again from the last commit.',
    cause,
  })

/** A value that the engine did not take. @returns undefined where it complains of something else */
export function refusedValue(engine: Engine, cause: unknown, table: string): PolderError | undefined {
  if (engine.fault(cause) !== 'refused') return undefined
  const column = engine.refusedColumn(cause)
  return new DataError('E605', {
    problem: `${engine.facts.version} refused a value of ${table}${column ? `.${column}` : ''}: ${engine.words(cause)}.`,
    remedy: 'See polder explain E605.',
    cause,
  })
}

const known: Record<Fault, (words: string, cause: unknown) => Error> = {
  lost: (words, cause) =>
    new TransientError('E601', details(`The connection to the warehouse was lost: ${words}.`, cause)),
  retry: (words, cause) =>
    new TransientError('E604', details(`The warehouse gave the transaction up: ${words}.`, cause)),
  duplicate: (words, cause) =>
    new WarehouseError('E690', details(`The warehouse refused a statement: ${words}.`, cause)),
  refused: (words, cause) =>
    new WarehouseError('E690', details(`The warehouse refused a statement: ${words}.`, cause)),
  denied: (words, cause) =>
    new AuthError('E603', {
      problem: `The warehouse refused access: ${words}.`,
      remedy:
        'Check user and password and whether the server insists on encryption, or grant the user what it needs: polder explain E603.',
      cause,
    }),
  tls: (words, cause) =>
    new ConfigError('E616', {
      problem: `No connection to the warehouse was made that is encrypted as it should be: ${words}.`,
      remedy: tlsRemedy(words, 'sslmode=verify-full in its url'),
      cause,
    }),
  readonly: (words, cause) =>
    new WarehouseError('E618', {
      problem: `The server of the warehouse takes no writes: ${words}.`,
      remedy: 'Give the url the primary server, or let its administrator end the read-only mode.',
      cause,
    }),
  fatal: (words, cause) =>
    new WarehouseError('E606', {
      problem: `The warehouse cannot be used: ${words}.`,
      remedy: FULL.test(words) ? MAKE_ROOM : LOOK_AT_DISK,
      cause,
    }),
  damaged: (words, cause) =>
    new WarehouseError('E608', {
      problem: `The warehouse is damaged: ${words}.`,
      remedy: 'Restore it from a backup, or begin a new one: docs/guide/damaged-warehouse.md.',
      cause,
    }),
  memory: (words, cause) =>
    new WarehouseError('E615', {
      problem: `The warehouse is out of memory: ${words}.`,
      remedy: 'Raise memory_limit of the warehouse in polder.yaml.',
      cause,
    }),
  depended: (words, cause) =>
    new ConfigError('E610', {
      problem: `A unified view must be made anew and others depend on it: ${words}.`,
      remedy: 'Drop the views that build on it, run again, then make them again.',
      cause,
    }),
  exists: (words, cause) =>
    new WarehouseError('E690', details(`The warehouse refused a statement: ${words}.`, cause)),
}

const FULL = /no space left|disk( is)? full|is full|errcode: 28|could not extend file/i
const MAKE_ROOM = 'Make room on the disk of the warehouse, then run again.'
const LOOK_AT_DISK =
  'Make room if its disk is full; else its files may be damaged: docs/guide/damaged-warehouse.md.'

const details = (problem: string, cause: unknown): ErrorDetails => ({ problem, cause })

/** @throws {ConfigError} E609 a name that the engine would cut */
export function checkName(name: string, maxBytes: number): void {
  const bytes = Buffer.byteLength(name, 'utf8')
  if (bytes <= maxBytes) return
  throw new ConfigError('E609', {
    problem: `The name "${name}" has ${bytes} bytes; the warehouse takes ${maxBytes}.`,
    remedy: 'Choose a shorter name.',
  })
}

export const bug = (problem: string): BugError => new BugError('E901', { problem })
