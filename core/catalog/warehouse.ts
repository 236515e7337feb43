import type { Catalog } from './types.ts'

export const warehouseCatalog = {
  E601: {
    title: 'connection to the warehouse lost',
    meaning:
      'The warehouse closed the connection or stopped answering. The commit under way was not written; everything before it stays.',
    next: 'Run again: it goes on from the last commit.',
  },
  E602: {
    title: 'warehouse not reachable',
    meaning: 'No connection to the warehouse could be made: it is down, busy, or the address is wrong.',
    next: 'Check that the server runs and that host and port in polder.yaml are right.',
  },
  E603: {
    title: 'warehouse refused access',
    meaning: 'The user or the password is wrong, or the user may not do what Polder needs.',
    next: 'Grant it: create schemas (databases in MySQL), create and alter tables and views, temporary tables, read and write.',
  },
  E604: {
    title: 'warehouse busy',
    meaning:
      'A transaction was given up five times because of deadlocks, conflicts or locks held by others. Nothing of it was written.',
    next: 'Run again; if it stays so, look who holds locks on the tables of the warehouse.',
  },
  E605: {
    title: 'the warehouse refused a value',
    meaning:
      'A mapped value passed the coercion to its column and the engine still refused it. Nothing of this commit was written.',
    next: 'Report it with the table, the column and the engine: coercion should have caught it.',
  },
  E606: {
    title: 'warehouse unusable',
    meaning:
      'The disk of the warehouse is full or its storage failed. What was committed is safe; this process cannot go on.',
    next: 'Make room on the disk of the warehouse, then run again. If there is room, its files may be damaged: polder explain E608.',
  },
  E607: {
    title: 'warehouse file is open in another process',
    meaning:
      'A DuckDB file has one owner process; while it is open nobody else can open it, not even to read.',
    next: 'Wait for that process or stop it.',
  },
  E608: {
    title: 'warehouse damaged or not readable',
    meaning:
      'The file, or the log beside it, is not what the warehouse wrote: it was cut, changed, or written by a newer version. Nothing is guessed from what is left of it.',
    next: 'Restore it from a backup, or move both files away and run again: all data is read anew. Step by step: docs/guide/damaged-warehouse.md.',
  },
  E609: {
    title: 'name too long for the warehouse',
    meaning: 'The engine would cut the name silently, and two names could become one.',
    next: 'Choose a shorter name for the pipeline, the dataset or the column.',
  },
  E610: {
    title: 'others depend on a unified view',
    meaning:
      'The columns of the view changed, so that it must be dropped and made again, and a view of yours builds on it.',
    next: 'Drop your view, run again, then make it again.',
  },
  E611: {
    title: 'staged rows are gone',
    meaning:
      'The connection that held the staged rows was lost, and they went with it. Nothing of them was written.',
    next: 'Run again: it goes on from the last commit.',
  },
  E612: {
    title: 'one row made the same id twice',
    meaning:
      'A source row makes two rows with one id in one unified table (two items of `each` with the same key).',
    next: 'Give the items a key that is unique inside their row.',
  },
  E613: {
    title: 'warehouse server not supported',
    meaning:
      'Polder needs PostgreSQL 13 or newer with UTF-8, MariaDB 10.6 or newer, or MySQL 8.0.19 or newer.',
    next: 'Use a newer server.',
  },
  E614: {
    title: 'warehouse address not understood',
    meaning: 'The url in polder.yaml is no address of this kind of server.',
    next: 'Write it as scheme://user:password@host:port/database, with the password by ${env:NAME}.',
  },
  E615: {
    title: 'the warehouse is out of memory',
    meaning: 'DuckDB needed more than its memory_limit for one statement. Nothing of it was written.',
    next: 'Raise memory_limit of the warehouse in polder.yaml.',
  },
  E616: {
    title: 'no encrypted connection to the warehouse',
    meaning:
      'The url of the warehouse asks for encryption, and the server offers none, or its certificate does not hold: it has expired, is for another name, or no authority that this machine trusts has signed it. Or the server insists on encryption and the url does not ask for it. Polder never goes on in the clear, or with a certificate that it could not check.',
    next: 'Follow the hint. A file of authorities is named by NODE_EXTRA_CA_CERTS, or by sslrootcert in the url. sslmode=no-verify encrypts and takes any certificate.',
  },
  E617: {
    title: 'warehouse behind a pooler that shares sessions',
    meaning:
      'PgBouncer with pool_mode = transaction or statement, and poolers like it, give each transaction to any of their sessions. Polder stages rows in temporary tables, holds locks for its lease and sets what texts of values depend on; all of that lives in one session. Nothing was written, and no session was changed.',
    next: 'Give the url of the warehouse the server itself, or a pool with pool_mode = session and several sessions. Sources may be read through any pooler that allows transactions.',
  },
  E618: {
    title: 'warehouse that takes no writes',
    meaning:
      'The server is a standby, or its administrator has made it read-only (read_only of MariaDB and MySQL, default_transaction_read_only of PostgreSQL). It may have become so after a failover.',
    next: 'Give the url of the warehouse the primary server, or end the read-only mode, then run again: it goes on from the last commit.',
  },
  E690: {
    title: 'the warehouse refused a statement',
    meaning: 'The engine gave an error that Polder does not know. Nothing of the transaction was written.',
    next: 'See the message of the engine; report it if it looks like a defect of Polder.',
  },
} satisfies Catalog
