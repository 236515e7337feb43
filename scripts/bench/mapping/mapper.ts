import type { FieldType } from '../../../core/field.ts'
import type { Row } from '../../../core/value.ts'
import { batchOf, columnsOf, compiled, own, type Short, table } from '../../../transforms/testing/mapping.ts'
import { median } from '../measure.ts'
import { recordsOf } from './records.ts'

const ROWS = 5000

const customer = table('customer', [
  own('name', { kind: 'text' }),
  own('given_name', { kind: 'text', length: 100 }),
  own('email', { kind: 'text' }),
  own('domain', { kind: 'text' }),
  own('country', { kind: 'text', length: 2 }),
  own('net', { kind: 'decimal', precision: 18, scale: 2 }),
  own('price', { kind: 'decimal', precision: 18, scale: 4 }),
  own('active', { kind: 'boolean' }),
  own('status', { kind: 'text' }, { values: ['customer', 'lead', 'former'] }),
  own('note', { kind: 'text' }),
  own('born', { kind: 'date' }),
  own('changed_at', { kind: 'timestamp' }),
])

const fields: Record<string, FieldType> = {
  id: 'integer',
  first: 'text',
  last: 'text',
  email: 'text',
  country: 'text',
  price: 'float',
  quantity: 'integer',
  active: 'boolean',
  status: 'text',
  note: 'text',
  born: 'date',
  changed_at: 'timestamp',
}

/** Twelve fields of a row of SQL, half of them computed. */
const short: Short = {
  fields,
  tables: [customer],
  to: {
    customer: {
      name: 'first & " " & last',
      given_name: 'first',
      email: '$lowercase(email)',
      domain: '$substringAfter(email, "@")',
      country: '$uppercase(country)',
      net: '$round(price * quantity, 2)',
      price: 'price',
      active: 'active',
      status: 'status = "A" ? "customer" : status = "B" ? "lead" : "former"',
      note: '$trim(note)',
      born: 'born',
      changed_at: 'changed_at',
    },
  },
}

function rows(): Row[] {
  const records = recordsOf('sql') as Record<string, never>[]
  return Array.from({ length: ROWS }, (_, id) => ({
    ...records[id % records.length],
    id,
    changed_at: `2024-05-${10 + (id % 20)}T10:00:00.${String(id).padStart(6, '0')}Z`,
  }))
}

/** Rows per second of the processor, through the whole mapper: from columns to the columns of a part. */
export async function mapperSpeed(rounds: number, roundMs: number): Promise<number> {
  const { mapper, problems } = compiled(short)
  if (!mapper) throw new Error(problems.map((it) => it.problem).join('\n'))
  const batch = batchOf(short, rows())
  const columns = columnsOf(batch)
  const speeds: number[] = []
  for (let round = -1; round < rounds; round++) {
    const start = performance.now()
    const used = process.cpuUsage()
    let done = 0
    do {
      const mapped = await mapper.map(batch, columns)
      if (mapped.rejects.length > 0) throw new Error(mapped.rejects[0]!.reason)
      done += ROWS
    } while (performance.now() - start < roundMs)
    const { user, system } = process.cpuUsage(used)
    if (round >= 0) speeds.push((done * 1e6) / (user + system))
  }
  return median(speeds)
}
