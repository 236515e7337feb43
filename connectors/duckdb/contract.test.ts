import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { duckdb } from './duckdb.ts'
import { makeFile } from './testing.ts'

const ROWS = 12
const rows = Array.from({ length: ROWS }, (_, i) => i + 1)

// Four rows share each version.
const customer = (i: number) => ({ id: i, name: `Name ${i}`, version: Math.floor((i - 1) / 4) + 1 })

readerContract('duckdb', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polder-duckdb-test-'))
  await makeFile(
    join(root, 'shop.duckdb'),
    `create table customers (id integer primary key, name varchar not null, version integer);
    insert into customers select i, 'Name ' || i, (i - 1) // 4 + 1 from range(${ROWS}, 0, -1) s (i);
    create table changes (id integer primary key, name varchar not null, version integer);
    insert into changes select * from customers;
    insert into changes values (101, 'no mark', null), (102, 'no mark', null);
    create table lines (document varchar, line int, amount decimal(9, 2));
    insert into lines select case when i // 6 = 0 then '7' else 'doc-' || (i // 6) end, i // 2, i from range(${ROWS}, 0, -1) s (i);
    create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
    create table no_rows (id int primary key, name varchar)`,
  )
  const reader = duckdb.open({ connection: 'shop', root, options: { path: 'shop.duckdb' } })
  return {
    reader,
    full: { dataset: { ref: 'p.customers', from: 'customers' }, rows: rows.map(customer) },
    incremental: {
      dataset: { ref: 'p.changes', from: 'main.changes', cursor: 'version' },
      rows: rows.map(customer),
      nullMarks: 2,
    },
    repeated: {
      dataset: { ref: 'p.lines', from: 'lines', key: ['document', 'line'] },
      rows: rows.map((i) => ({
        document: i < 6 ? '7' : `doc-${Math.floor(i / 6)}`,
        line: Math.floor(i / 2),
        amount: i,
      })),
    },
    nullKeys: {
      dataset: { ref: 'p.half', from: 'half_known', key: ['id'] },
      rows: [
        ...rows.filter((i) => i % 3 !== 0).map((i) => ({ id: i, name: `Name ${i}` })),
        ...rows.filter((i) => i % 3 === 0).map((i) => ({ id: null, name: `Name ${i}` })),
      ],
    },
    empty: { ref: 'p.nothing', from: 'no_rows' },
    misspelt: { dataset: { ref: 'p.x', from: 'custmers' }, nearest: 'customers' },
    close: async () => {
      await reader.close()
      await rm(root, { recursive: true })
    },
  }
})
