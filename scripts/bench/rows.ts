import { Fate, type MappedBatch } from '../../core/mapping.ts'
import { type ColumnType, type UnifiedTable, withSystemColumns } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'

const column = (name: string, type: ColumnType) => ({ name, type, description: name })

/** Twelve mapped columns with `id`. */
const OWN = [
  column('given_name', { kind: 'text' }),
  column('family_name', { kind: 'text' }),
  column('email', { kind: 'text' }),
  column('city', { kind: 'text' }),
  column('visits', { kind: 'integer' }),
  column('score', { kind: 'double' }),
  column('net', { kind: 'decimal', precision: 18, scale: 2 }),
  column('active', { kind: 'boolean' }),
  column('born', { kind: 'date' }),
  column('account', { kind: 'integer' }),
]

export const benchTable: UnifiedTable = {
  name: 'bench',
  description: 'Rows of the bench',
  history: 'current',
  columns: withSystemColumns(OWN),
}

export const NAMES = ['id', ...OWN.map((it) => it.name), 'updated_at']

const CITIES = ['Amsterdam', 'Utrecht', "'s-Hertogenbosch", 'Zürich', 'São Paulo', 'Groningen']
const two = (n: number): string => String(n).padStart(2, '0')

function values(n: number, edition: number): Value[] {
  const day = `${1950 + (n % 60)}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`
  return [
    `bench:people:${n}`,
    `Ada ${n % 1000}`,
    `van der Lovelace ${n}`,
    n % 10 === 0 ? null : `ada.${n}@example.org`,
    CITIES[n % CITIES.length]!,
    (n % 977) + edition,
    (n % 100_000) / 8,
    `${n % 10_000}.${two(n % 100)}`,
    n % 3 === 0,
    day,
    10_000_000 + n,
    `2026-0${1 + (edition % 9)}-${two(1 + (n % 28))}T${two(n % 24)}:${two(n % 60)}:00.${String(n % 1_000_000).padStart(6, '0')}Z`,
  ]
}

/** @param edition of row `n`: another one means another version with other values */
export function mappedBatch(first: number, rows: number, edition: (n: number) => number): MappedBatch {
  const made = Array.from({ length: rows }, (_, i) => values(first + i, edition(first + i)))
  const columns = NAMES.map((_, i) => made.map((it) => it[i]!))
  return {
    rows,
    keys: made.map((_, i) => String(first + i)),
    versions: columns.at(-1) as string[],
    fates: new Uint8Array(rows).fill(Fate.load),
    parts: [
      {
        table: benchTable.name,
        rows,
        sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
        names: NAMES,
        columns,
      },
    ],
    rejects: [],
    changes: [],
  }
}
