import { expect, test } from 'vitest'
import type { SourceReader } from '../../core/connector.ts'
import type { FieldType } from '../../core/field.ts'
import type { Value } from '../../core/value.ts'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'

/** SQL type, SQL value, field type and canonical value, as core/field.ts says. */
export type Sample = [declared: string, sql: string, type: FieldType, value: Value]

/**
 * Makes the table `corpus`: a column `c0`, `c1`, … for each sample, row 1 with their values and row 2 with none.
 * @param write  the SQL of a value
 */
export const corpusTable = (
  samples: Sample[],
  write = (_declared: string, sql: string): string => sql,
): string => `
  create table corpus (id integer primary key${samples.map(([type], i) => `, c${i} ${type}`).join('')});
  insert into corpus values (1${samples.map(([type, sql]) => `, ${write(type, sql)}`).join('')});
  insert into corpus (id) values (2);`

export const corpus = { ref: 'p.corpus', from: 'corpus' }

/** A test for each sample, which reads its column alone. */
export function readsSamples(samples: Sample[], reader: () => SourceReader): void {
  test.each(samples.map((sample, i) => [...sample, i] as const))(
    '%s %s is read as %s %j',
    async (_declared, _sql, type, value, i) => {
      const { schema } = await reader().describe(corpus)
      expect(schema.fields[i + 1]).toMatchObject({ name: `c${i}`, type, nullable: true })
      const rows = rowsOf(await readBatches(reader(), corpus, { fields: [`c${i}`] }))
      expect(rows).toEqual([
        { id: 1, [`c${i}`]: value },
        { id: 2, [`c${i}`]: null },
      ])
    },
  )
}

/** All samples in one reading. */
export async function expectCorpus(reader: SourceReader, samples: Sample[]): Promise<void> {
  const { schema } = await reader.describe(corpus)
  const [row, empty] = rowsOf(await readBatches(reader, corpus))
  for (const [i, [declared, sql, type, value]] of samples.entries()) {
    expect(schema.fields[i + 1]!.type, `${declared} ${sql}`).toBe(type)
    expect(row![`c${i}`], `${declared} ${sql}`).toEqual(value)
    expect(empty![`c${i}`], `${declared} NULL`).toBeNull()
  }
}
