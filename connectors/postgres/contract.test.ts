import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { freshPostgres } from '../../tests/support/databases.ts'
import { postgres } from './postgres.ts'

const ROWS = 12
const rows = Array.from({ length: ROWS }, (_, i) => i + 1)
const two = (n: number) => String(n).padStart(2, '0')

const customer = (i: number) => ({
  id: i,
  name: `Name ${i}`,
  // Four rows share each instant.
  changed: `2026-01-${two(Math.floor((i - 1) / 4) + 1)}T00:00:00.000001Z`,
})

readerContract('postgres', async () => {
  const database = await freshPostgres('contract')
  await database.query(`
    create table customers (id bigint primary key, name text not null, changed timestamptz);
    insert into customers select i, 'Name ' || i,
      timestamptz '2026-01-01 00:00:00.000001Z' + (i - 1) / 4 * interval '1 day' from generate_series(${ROWS}, 1, -1) i;
    create table changes as select * from customers;
    alter table changes add primary key (id);
    insert into changes values (101, 'no mark', null), (102, 'no mark', null);
    create table lines (document text, line int, amount numeric(10,2));
    insert into lines select 'doc-' || i / 6, i / 2, i from generate_series(1, ${ROWS}) i;
    create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
    create table nothing (id int primary key, name text)`)
  const reader = postgres.open({ connection: 'shop', root: '/', options: { url: database.url } })
  return {
    reader,
    full: { dataset: { ref: 'p.customers', from: 'customers' }, rows: rows.map(customer) },
    incremental: {
      dataset: { ref: 'p.changes', from: 'public.changes', cursor: 'changed' },
      rows: rows.map(customer),
      nullMarks: 2,
    },
    repeated: {
      dataset: { ref: 'p.lines', from: 'lines', key: ['document', 'line'] },
      rows: rows.map((i) => ({
        document: `doc-${Math.floor(i / 6)}`,
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
    empty: { ref: 'p.nothing', from: 'nothing' },
    misspelt: { dataset: { ref: 'p.x', from: 'custmers' }, nearest: 'customers' },
    close: async () => {
      await reader.close()
      await database.drop()
    },
  }
})
