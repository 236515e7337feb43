import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import driver from 'node-sqlite3-wasm'
import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { sqlite } from './sqlite.ts'

const ROWS = 12
const rows = Array.from({ length: ROWS }, (_, i) => i + 1)
const numbers = `with recursive s (i) as (select ${ROWS} union all select i - 1 from s where i > 1)`

// Four rows share each version.
const customer = (i: number) => ({ id: i, name: `Name ${i}`, version: Math.floor((i - 1) / 4) + 1 })

readerContract('sqlite', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polder-sqlite-test-'))
  const database = new driver.Database(join(root, 'shop.db'))
  database.exec(`
    create table customers (id integer primary key, name text not null, version integer);
    insert into customers ${numbers} select i, 'Name ' || i, (i - 1) / 4 + 1 from s;
    create table changes (id integer primary key, name text not null, version integer);
    insert into changes select * from customers;
    insert into changes values (101, 'no mark', null), (102, 'no mark', null);
    create table lines (document, line int, amount numeric);
    insert into lines ${numbers} select iif(i / 6 = 0, 7, 'doc-' || (i / 6)), i / 2, i from s;
    create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
    create table no_rows (id int primary key, name text)`)
  database.close()
  const reader = sqlite.open({ connection: 'shop', root, options: { path: 'shop.db' } })
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
        document: i < 6 ? 7 : `doc-${Math.floor(i / 6)}`,
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
