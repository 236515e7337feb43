import type { Catalog } from './types.ts'

/** E40x–E41x any source · E42x–E43x files · E44x rows that the source could not give whole */
export const sourceCatalog = {
  E401: {
    title: 'source not reachable',
    meaning:
      'The connection was refused, timed out or broke, or the server has no place for another one. Nothing that was committed is lost; the run tries again.',
    next: 'Check host, port, network and whether the server is up: polder connect test <connection>',
  },
  E402: {
    title: 'login refused',
    meaning: 'The source knows the account not, or not with this password or from this host.',
    next: 'Check user and password, and where the account may log in from.',
  },
  E403: {
    title: 'not allowed to read',
    meaning: 'The account is logged in, but has no right to read this dataset.',
    next: 'Let an administrator grant SELECT; the message shows the statement where it is known.',
  },
  E404: {
    title: 'unknown dataset',
    meaning:
      'The source has no table, view or file of this name, or hides it since the account may not read it. Names are compared exactly, then in any case.',
    next: 'See what there is: polder connect discover <connection>',
  },
  E405: {
    title: 'unknown field of a dataset',
    meaning: 'A key, a cursor or a field that a mapping uses does not exist in the source. Case counts.',
    next: 'See its fields: polder connect discover <connection> <dataset>',
  },
  E406: {
    title: 'dataset name fits several',
    meaning:
      'No dataset has exactly this name, and several have it in another case or in another schema, so that a guess could read the wrong one.',
    next: 'Write one of the names that the message lists.',
  },
  E407: {
    title: 'field cannot be a cursor',
    meaning:
      'A cursor is a number, date or time that grows with every change of a row. Other types have no order that is the same everywhere; files have no index to read from.',
    next: 'Name another field, or leave cursor out: the dataset is then read in full.',
  },
  E408: {
    title: 'the source cannot run the query',
    meaning:
      'The server answered with an error, usually from inside a view: a division by zero, a text that is no number. Messages that repeat values of rows are left out.',
    next: 'Run the view in the database itself and correct it.',
  },
  E409: {
    title: 'the source changed its shape',
    meaning: 'A table or column that was there when the reading was prepared is gone.',
    next: 'Look again: polder connect discover <connection>',
  },
  E410: {
    title: 'the source ended the query',
    meaning: 'A time limit passed, or somebody cancelled the query there. The run tries again.',
    next: 'Raise statement_timeout_seconds of the connection, or the limit of the server.',
  },
  E411: {
    title: 'connection without address',
    meaning: 'A database connection needs a url, or at least a host.',
    next: 'Add url to the connection in config/connections.yaml.',
  },
  E412: {
    title: 'url not understood',
    meaning:
      'The url is no address of this kind of database. It is not printed, since it may hold a password. Special characters of a password are percent-encoded in it.',
    next: 'Correct the url, or write host, port, user and password apart.',
  },
  E413: {
    title: 'stored position does not fit',
    meaning: 'The dataset has another key, or another connector, than when its position was stored.',
    next: 'Read it in full once: polder run <dataset> --full',
  },
  E414: {
    title: 'unknown database',
    meaning: 'The server is there, but has no database of this name.',
    next: 'Correct the database in url or database.',
  },
  E415: {
    title: 'no encrypted connection',
    meaning:
      'The connection asks for encryption, and the server offers none, or its certificate does not hold: it has expired, is for another name, or no authority that this machine trusts has signed it. Or the server insists on encryption and the connection does not ask for it. Polder never goes on in the clear, or with a certificate that it could not check.',
    next: 'Set ssl to disable, require (any certificate) or verify; a private authority goes into NODE_EXTRA_CA_CERTS.',
  },
  E416: {
    title: 'dataset without key',
    meaning: 'Rows are told apart by a key; the source has none for this dataset, and none is stated.',
    next: 'State key: in the pipeline.',
  },
  E420: {
    title: 'folder of the connection does not exist',
    meaning: 'The part of path before the first * or { is no folder.',
    next: 'Correct path; it is relative to the folder of polder.yaml.',
  },
  E421: {
    title: 'file outside the project',
    meaning:
      'Files are read only inside the folder of the project, links followed: a pipeline from elsewhere must not reach other files of this machine.',
    next: 'Copy the files into the project.',
  },
  E422: {
    title: 'file cannot be read',
    meaning: 'A file was listed, but is gone or may not be opened. It is not taken as empty.',
    next: 'Write files under another name and rename them when they are complete; check their rights.',
  },
  E423: {
    title: 'file changed while it was read',
    meaning: 'Its size or time changed between the beginning and the end of the reading. The read fails.',
    next: 'Write files under another name and rename them when they are complete, then run again.',
  },
  E424: {
    title: 'broken gzip file',
    meaning: 'The file ends early or is damaged. The read fails, so that nothing counts as deleted.',
    next: 'Copy or export the file again.',
  },
  E425: {
    title: 'column names missing or twice',
    meaning:
      'Fields are known by the names in the first line, blanks around them removed; each must be there once.',
    next: 'Correct the header; for files without one, set header: false',
  },
  E426: {
    title: 'file format unknown or mixed',
    meaning:
      'The format follows from the name (.csv .tsv .jsonl .ndjson .json, also with .gz; .parquet), and all files of a dataset have one.',
    next: 'State format (and delimiter) of the connection, or make several datasets.',
  },
  E427: {
    title: 'delimiter or quote impossible',
    meaning: 'They must differ, hold no line end, and the quote is one character or empty.',
    next: 'Correct them in the connection.',
  },
  E428: {
    title: 'file is UTF-16',
    meaning: 'The file begins with the mark of UTF-16, which is not read.',
    next: 'Export or save it as UTF-8.',
  },
  E429: {
    title: 'no header line',
    meaning:
      'The file is empty, or its first line cannot be read as names. An empty export is not taken as "no rows".',
    next: 'Check encoding, delimiter and quote, and that lines end in LF or CR LF.',
  },
  E430: {
    title: 'JSON file without its list',
    meaning:
      'A JSON file is one list of objects, or objects one after the other. This one is empty, ends before its list does, or has something between or behind the objects that does not belong there.',
    next: 'Export it again; what earlier runs loaded stays.',
  },
  E431: {
    title: 'Parquet file cannot be read',
    meaning:
      'It is no Parquet file, is damaged or cut off, or uses a compression or encryption that is not known.',
    next: 'Export or copy it again; snappy, gzip, zstd, brotli and lz4 are known.',
  },
  E432: {
    title: 'no SQLite database',
    meaning: 'The file is no SQLite database, is encrypted, or is damaged.',
    next: 'Check it with: sqlite3 <file> "pragma integrity_check"',
  },
  E433: {
    title: 'SQLite database in the middle of a change',
    meaning:
      'A journal lies beside it: a program is writing, or stopped while it wrote. What the file holds may be half of a change, so it is not read. The run tries again.',
    next: 'Let the writer finish. After a crash, open the database once with sqlite3, which takes the change back.',
  },
  E434: {
    title: 'DuckDB file held by another process',
    meaning:
      'While one process has a DuckDB file open for writing, no other can open it, not even to read. The run tries again.',
    next: 'Close it there, or let that program write a copy to be read.',
  },
  E435: {
    title: 'no DuckDB file',
    meaning: 'The file is no DuckDB database, is damaged, or was written by a newer version of DuckDB.',
    next: 'Open it with the duckdb program, and export it anew: EXPORT DATABASE, or COPY … TO a Parquet file.',
  },
  E440: {
    title: 'line with too few or too many fields',
    meaning:
      'The line has another number of fields than the file has columns; which is which is not guessed.',
    next: 'Correct the line; often a delimiter stands in a field without quotes.',
  },
  E441: {
    title: 'row is no JSON',
    meaning: 'In JSON lines every line is one JSON object of its own, in a JSON file every item of its list.',
    next: 'Correct it. A list over several lines is read with format: json.',
  },
  E442: {
    title: 'bytes that are no text',
    meaning: 'The line holds bytes that the encoding does not have.',
    next: 'Set encoding of the connection: latin1 or windows-1252 for older exports.',
  },
  E443: {
    title: 'row too large',
    meaning:
      'A row may have 8 MB, counted over the fields that the mapping reads. A larger one is set aside; the others are loaded. There is no setting for more: every warehouse must be able to merge it in little memory.',
    next: 'Leave the large field out of the mapping: of a database only mapped fields are read. In a file the whole line counts.',
  },
  E444: {
    title: 'value cannot be read',
    meaning: 'The source delivered a value that has not the form of its type. The row is set aside.',
    next: 'Look at the value in the source.',
  },
  E445: {
    title: 'quote never closed',
    meaning:
      'A quoted field reaches to the end of the file. What it swallowed cannot be told, so the read fails.',
    next: 'Repair the line that the message names. Where quotes mean nothing, set quote: ""',
  },
  E446: {
    title: 'quote in a wrong place',
    meaning:
      'A quote stands inside a field without quotes, or text follows a closing quote. The line is set aside, the next one is read again.',
    next: 'Put the field in quotes and double the quotes inside it. Where quotes mean nothing, set quote: ""',
  },
  E447: {
    title: 'row is no JSON object',
    meaning: 'The row is a list, a text or a number, so it has no fields.',
    next: 'Write one object per line, or a list of objects.',
  },
  E448: {
    title: 'too many fields',
    meaning: 'The rows of a file have more than 10,000 different field names: these are values, not names.',
    next: 'Write such names as values of a list.',
  },
} satisfies Catalog
