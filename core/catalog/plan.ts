import type { Catalog } from './types.ts'

export const planCatalog = {
  E301: {
    title: 'nothing to do',
    meaning: 'The selection matches no pipeline or dataset of the project.',
    next: 'polder status lists what there is.',
  },
  E302: {
    title: 'dataset without a key',
    meaning: 'Rows are identified by their key; without one, an update could not be told from a new row.',
    next: 'State key: with the columns that identify a row.',
  },
  E303: {
    title: 'key column not in the source',
    meaning: 'The key names a column that the source does not have.',
    next: 'Correct key:, or see polder connect discover.',
  },
  E304: {
    title: 'cursor cannot order changes',
    meaning: 'A cursor must be a number, a date or a timestamp, so that later is greater in every engine.',
    next: 'Choose another column, or leave cursor: out to read in full.',
  },
  E305: {
    title: "a table's column changed its type",
    meaning: 'The declared type of a unified column differs from the type of the stored part.',
    next: 'Rename the column, or give it a new name.',
  },
  E306: {
    title: 'two datasets fill one part name',
    meaning: 'Two names become equal in the warehouse (length or case).',
    next: 'Rename one of them.',
  },
  E307: {
    title: 'source without incremental reading',
    meaning: 'Files are read whole: no cursor tells which of their lines have changed.',
    next: 'Leave cursor: out.',
  },
  E308: {
    title: 'reference to a source that cannot be described',
    meaning:
      'A reference is written with the type of the key that it points to, so that 42 and "42" give one id. The source of that dataset did not answer, and was never discovered before.',
    next: 'polder connect test shows why it does not answer.',
  },
  E309: {
    title: 'rows without a change mark',
    meaning:
      'Incremental reading finds rows by their cursor. Rows in which it is NULL are never found that way.',
    next: 'Read in full from time to time: polder run … --full',
  },
  E310: {
    title: 'part without a dataset',
    meaning: 'The warehouse holds rows of a dataset that no pipeline names any more. They stay as they are.',
    next: 'Bring the dataset back, or delete its part by hand.',
  },
  E312: {
    title: 'setting that does not fit the cursor',
    meaning:
      'start and lookback are given in the terms of the cursor: a time for times, a number for numbers.',
    next: 'Write it as the source shows such values; see polder connect discover.',
  },
  E313: {
    title: 'source that does not tell its deletes',
    meaning:
      'deletes: source needs a source that says which rows were deleted since the last reading. Tables of a database do not: a deleted row is just not there any more.',
    next: 'Write deletes: scan, or an expression that marks a deleted row, or give full: times for full reads.',
  },
  E314: {
    title: 'source that does not list its keys',
    meaning:
      'deletes: scan and key_scan compare the keys of all rows, and this connector cannot read keys alone.',
    next: 'Give full: times for full reads, or an expression that marks a deleted row.',
  },
  E340: {
    title: 'dataset that cannot be mapped in place',
    meaning:
      'load: direct asks for views over the source instead of a copy. That is done only where SQL is known to give exactly what the mapping gives, and where the warehouse can read the source by itself.',
    next: 'polder plan names everything that stands in the way. load: auto copies the rows instead.',
  },
  E341: {
    title: 'rows left out of a view',
    meaning:
      'A dataset that is mapped in place shows only rows of which SQL is known to give what the mapping gives. The others are listed by a view whose name ends in __rejects.',
    next: 'Mend the rows at the source, or copy the dataset with load: copy: most such rows load then.',
  },
  E342: {
    title: 'view that cannot be read',
    meaning:
      'A dataset is mapped in place, and the table under its view is gone, was changed, or lies on a server that does not answer. Whoever queries the unified table meets the same error.',
    next: 'polder plan says what has changed. Mend the source or the mapping and run again, or copy the dataset with load: copy.',
  },
  E343: {
    title: 'rows that the warehouse could not copy by itself',
    meaning:
      'The warehouse was to read and map rows by itself, and something failed: an extension of DuckDB that is not where extension_directory says, an account that may open no more connections, a query that ran longer than statement_timeout_seconds, rows larger than the memory that the extension has, or a value that the warehouse refused. Polder read and mapped those rows instead, so nothing is missing and nothing is different; it takes longer and loads this machine. It is told once for a dataset in a run, with the first reason; of messages that may show values only the kind is told. Single rows of which SQL is not known to give what the mapping gives are read that way too; that is as it should be and not told.',
    next: 'Mend what the reason names and run again. polder plan shows the road that a dataset would take. To stop asking for it, leave extension_directory and extensions out of the warehouse.',
  },
  E320: {
    title: "the source's columns are not those agreed",
    meaning:
      'The contract of the dataset is freeze, and columns have been added, removed or retyped since it was last read. Nothing is read or written before somebody accepts that.',
    next: 'Look at the differences: polder plan. To take them: polder run … --accept-schema, or change contract:.',
  },
  E321: {
    title: 'a column that the mapping uses is gone',
    meaning:
      'The source had it when the dataset was last read. It may have been removed or renamed; which one is never guessed, and NULL is never put in its place. In files, a later file or a hundred rows in succession go without it.',
    next: 'Write the new name in the mapping, take the column out of it, or bring it back at the source.',
  },
  E322: {
    title: "the source's columns have changed",
    meaning:
      'Columns are new or have another type than when the dataset was last read. What happens with them is what contract: says: evolve accepts them, discard_row rejects rows that need them, discard_value leaves such values out.',
    next: 'Nothing to do with evolve. Else accept them: polder run … --accept-schema',
  },
  E323: {
    title: 'a column that the mapping can do without is gone',
    meaning:
      'The source, a file of it or some of its rows no longer have a column that was there before. Nothing that is mapped was lost, or NULL stands where single rows go without.',
    next: 'If that is right: polder run … --accept-schema ends the warning.',
  },
  E330: {
    title: 'look-up with the name of a field',
    meaning:
      'In expressions the look-up and the field would have one name, and what it means could not be told.',
    next: 'Give the look-up another name under with:.',
  },
  E331: {
    title: 'column of a look-up not in the source',
    meaning:
      'on names a field that the dataset does not have, or key a column that the looked-up table does not have.',
    next: 'Correct it, or see polder connect discover.',
  },
  E332: {
    title: 'look-up whose key does not lead to one row',
    meaning:
      'Without key: the fields of on meet the primary key of the looked-up table. It has none, or one of another number of columns.',
    next: 'State key: with the columns that on meets.',
  },
  E333: {
    title: 'look-up between types that are never equal',
    meaning:
      'Keys are compared as ids are: numbers with numbers whatever their type, and a text with anything that it can be read as. A date is never equal to a number.',
    next: 'Name fields of types that can be compared.',
  },
} satisfies Catalog
