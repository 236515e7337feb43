import driver from 'node-sqlite3-wasm'
import { ROWS, sqlContract, tablesInFile, versionOf } from '../../tests/support/sql-contract.ts'
import { sqlite } from './sqlite.ts'

const numbers = `with recursive s (i) as (select ${ROWS} union all select i - 1 from s where i > 1)`
const TABLES = `
  create table customers (id integer primary key, name text not null, version integer);
  insert into customers ${numbers} select i, 'Name ' || i, (i - 1) / 4 + 1 from s;
  create table changes (id integer primary key, name text not null, version integer);
  insert into changes select * from customers;
  insert into changes values (101, 'no mark', null), (102, 'no mark', null);
  create table order_lines (document, line int, amount numeric);
  insert into order_lines ${numbers} select iif(i / 6 = 0, 7, 'doc-' || (i / 6)), i / 2, i from s;
  create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
  create table no_rows (id int primary key, name text)`

async function make(path: string): Promise<void> {
  const database = new driver.Database(path)
  database.exec(TABLES)
  database.close()
}

sqlContract('sqlite', () => tablesInFile(sqlite, make), {
  mark: 'version',
  markOf: versionOf,
  documentOf: (i) => (i < 6 ? 7 : `doc-${Math.floor(i / 6)}`),
})
