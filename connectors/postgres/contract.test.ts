import { freshPostgres } from '../../tests/support/databases.ts'
import { dayOf, ROWS, sqlContract, tablesOnServer } from '../../tests/support/sql-contract.ts'
import { postgres } from './postgres.ts'

const TABLES = `
  create table customers (id bigint primary key, name text not null, changed timestamptz);
  insert into customers select i, 'Name ' || i,
    timestamptz '2026-01-01 00:00:00.000001Z' + (i - 1) / 4 * interval '1 day' from generate_series(${ROWS}, 1, -1) i;
  create table changes as select * from customers;
  alter table changes add primary key (id);
  insert into changes values (101, 'no mark', null), (102, 'no mark', null);
  create table order_lines (document text, line int, amount numeric(10,2));
  insert into order_lines select 'doc-' || i / 6, i / 2, i from generate_series(1, ${ROWS}) i;
  create view half_known as select case when id % 3 = 0 then null else id end as id, name from customers;
  create table no_rows (id int primary key, name text)`

sqlContract('postgres', () => tablesOnServer(postgres, freshPostgres, TABLES, 'public'), {
  mark: 'changed',
  markOf: (i) => dayOf(i, 'T00:00:00.000001Z'),
  documentOf: (i) => `doc-${Math.floor(i / 6)}`,
})
