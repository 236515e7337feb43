import { readerContract } from '../../sdk/contract/reader-contract.ts'
import { freshMysql } from '../../tests/support/databases.ts'
import { mysql } from './mysql.ts'

const ROWS = 12
const rows = Array.from({ length: ROWS }, (_, i) => i + 1)
const two = (n: number) => String(n).padStart(2, '0')

const customer = (i: number) => ({
  id: i,
  name: `Name ${i}`,
  // Four rows share each instant.
  changed: `2026-01-${two(Math.floor((i - 1) / 4) + 1)}T00:00:00.000001`,
})

readerContract('mysql', async () => {
  const database = await freshMysql('contract')
  await database.query(`
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
    create table nothing (id int primary key, name text)`)
  const reader = mysql.open({ connection: 'shop', root: '/', options: { url: database.url } })
  return {
    reader,
    full: { dataset: { ref: 'p.customers', from: 'customers' }, rows: rows.map(customer) },
    incremental: {
      dataset: { ref: 'p.changes', from: `${database.name}.changes`, cursor: 'changed' },
      rows: rows.map(customer),
      nullMarks: 2,
    },
    repeated: {
      dataset: { ref: 'p.lines', from: 'order_lines', key: ['document', 'line'] },
      rows: rows.map((i) => ({
        document: `${i % 2 ? 'doc' : 'DOC'}-${Math.floor(i / 6)}`,
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
