import { ROWS, sqlContract, tablesInFile, versionOf } from '../../tests/support/sql-contract.ts'
import { duckdb } from './duckdb.ts'
import { makeFile } from './testing.ts'

const numbers = `range(${ROWS}, 0, -1) s (i)`
const TABLES = `
  create table customers (id integer primary key, name varchar not null, version integer);
  insert into customers select i, 'Name ' || i, (i - 1) // 4 + 1 from ${numbers};
  create table changes (id integer primary key, name varchar not null, version integer);
  insert into changes select * from customers;
  insert into changes values (101, 'no mark', null), (102, 'no mark', null);
  create table order_lines (document varchar, line int, amount decimal(9, 2));
  insert into order_lines select case when i // 6 = 0 then '7' else 'doc-' || (i // 6) end, i // 2, i from ${numbers};
  create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
  create table no_rows (id int primary key, name varchar)`

sqlContract('duckdb', () => tablesInFile(duckdb, (path) => makeFile(path, TABLES)), {
  mark: 'version',
  markOf: versionOf,
  documentOf: (i) => (i < 6 ? '7' : `doc-${Math.floor(i / 6)}`),
})
