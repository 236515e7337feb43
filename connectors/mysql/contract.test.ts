import { freshMysql } from '../../tests/support/databases.ts'
import { dayOf, ROWS, sqlContract, tablesOnServer } from '../../tests/support/sql-contract.ts'
import { mysql } from './mysql.ts'

const TABLES = `
  create table customers (id bigint unsigned primary key, name varchar(50) not null, changed datetime(6));
  insert into customers select seq, concat('Name ', seq),
    timestamp('2026-01-01 00:00:00.000001') + interval floor((seq - 1) / 4) day from seq_1_to_${ROWS};
  create table changes like customers;
  insert into changes select * from customers;
  insert into changes values (101, 'no mark', null), (102, 'no mark', null);
  create table order_lines (document varchar(20) not null, line int not null, amount decimal(10,2));
  insert into order_lines select if(seq % 2, concat('doc-', floor(seq / 6)), concat('DOC-', floor(seq / 6))),
    floor(seq / 2), seq from seq_1_to_${ROWS};
  create view half_known as select if(id % 3 = 0, null, id) as id, name from customers;
  create table no_rows (id int primary key, name text)`

sqlContract('mysql', () => tablesOnServer(mysql, freshMysql, TABLES), {
  mark: 'changed',
  markOf: (i) => dayOf(i, 'T00:00:00.000001'),
  // Its collation takes them as equal.
  documentOf: (i) => `${i % 2 ? 'doc' : 'DOC'}-${Math.floor(i / 6)}`,
})
