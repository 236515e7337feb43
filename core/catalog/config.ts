import type { Catalog } from './types.ts'

/** E10x files · E11x shape · E12x connections and warehouse · E13x secrets · E14x pipelines · E15x targets · E17x expressions · E18x schema · E19x tests */
export const configCatalog = {
  E101: {
    title: 'not valid YAML',
    meaning:
      'The YAML parser cannot read this file. Its other contents are not checked until it can be read.',
    next: 'Correct the line shown. Tabs as indentation, an open quote and an open bracket are the usual causes.',
  },
  E102: {
    title: 'key written twice',
    meaning: 'A mapping holds the same key twice; only one of the two could count.',
    next: 'Remove one of them, or merge them. Several rows for one table are written as a list.',
  },
  E103: {
    title: 'file too large',
    meaning: 'A configuration file may hold at most 1 MB.',
    next: 'Split it: every file under pipelines/ and schema/ is read.',
  },
  E104: {
    title: 'nested too deeply',
    meaning:
      'Mappings and lists may be nested at most 100 deep. A file that goes deeper is broken or hostile.',
    next: 'Look for an anchor that contains itself, or for unclosed brackets.',
  },
  E105: {
    title: 'aliases expand too far',
    meaning:
      'Anchors and aliases (&name, *name) of this file would unfold to more than 10,000 values, which a small file can use to fill the memory.',
    next: 'Write the repeated values out, or use defaults: of the pipeline.',
  },
  E106: {
    title: 'several documents in one file',
    meaning: 'The file holds more than one YAML document (a line ---). Only the first would be read.',
    next: 'Put every document in a file of its own.',
  },
  E107: {
    title: 'YAML tag or version not supported',
    meaning: 'Polder reads YAML 1.2 and its plain values. Own tags (!name) and older versions are refused.',
    next: 'Remove the tag or the %YAML line; put text that starts with ! in quotes.',
  },
  E108: {
    title: 'file cannot be read',
    meaning: 'The file cannot be opened, or it is not UTF-8 text.',
    next: "Check the file's rights and save it as UTF-8.",
  },
  E109: {
    title: 'nothing to check',
    meaning: 'The folder holds no pipeline. A check of nothing would say "fine" and mean nothing.',
    next: 'Go to the folder of polder.yaml, or create a project: polder init',
  },
  E110: {
    title: 'two files for one thing',
    meaning: 'The same file exists with the ending .yaml and .yml; only one of them can count.',
    next: 'Remove one of them.',
  },
  E111: {
    title: 'unknown key',
    meaning: 'No such key exists at this place. It would be without effect.',
    next: 'Correct or remove it. Editors show the keys that exist from the JSON Schemas in config/json-schema.',
  },
  E112: {
    title: 'key missing',
    meaning: 'A key that is always needed here is not given.',
    next: 'Add the key.',
  },
  E113: {
    title: 'wrong kind of value',
    meaning: 'Another kind of value is needed here: text, a number, true or false, a list, or a mapping.',
    next: 'Write the kind of value that the message names.',
  },
  E114: {
    title: 'value missing',
    meaning: 'The key is there, but nothing stands behind it.',
    next: 'Give it a value, or remove the key.',
  },
  E115: {
    title: 'name not allowed',
    meaning:
      'Names become parts of table names in the warehouse: small letters, digits and _, starting with a letter, at most 40 characters.',
    next: 'Choose a name of that form.',
  },
  E116: {
    title: 'name used twice',
    meaning: 'Two things of the same kind have the same name, so a reference to it would be unclear.',
    next: 'Rename one of them.',
  },
  E117: {
    title: 'value not among the choices',
    meaning: 'Only the values listed in the message are possible here.',
    next: 'Choose one of them.',
  },
  E118: {
    title: 'unknown time zone',
    meaning: 'Time zones are named as in the IANA list, as Europe/Amsterdam or UTC.',
    next: 'Correct the name.',
  },
  E119: {
    title: 'schedule not understood',
    meaning:
      'A schedule has five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12), day of the week (0-7, Sunday is 0 and 7). Lists, ranges and steps are possible.',
    next: 'Correct it, as in "*/15 * * * *" (every 15 minutes) or "0 6 * * 1-5" (weekdays at six).',
  },
  E120: {
    title: 'not supported yet',
    meaning: 'The design names this key, but this version does not do it. It is refused, not ignored.',
    next: 'Remove it; what to do instead stands in the message where there is something.',
  },
  E121: {
    title: 'unknown warehouse type',
    meaning: 'No warehouse of this type is installed.',
    next: 'Choose one of the types listed in the message.',
  },
  E122: {
    title: 'unknown connector',
    meaning: 'No connector of this name is installed.',
    next: 'Choose one of the connectors listed in the message.',
  },
  E123: {
    title: 'unknown option',
    meaning: 'The connector or warehouse has no option of this name. It would be without effect.',
    next: 'Correct or remove it.',
  },
  E124: {
    title: 'option missing',
    meaning: 'The connector or warehouse cannot work without this option.',
    next: 'Add it. Secrets are written as ${env:NAME} or ${file:path}.',
  },
  E125: {
    title: 'option has a wrong value',
    meaning: 'The value does not have the form that this option needs.',
    next: 'Correct the value. Where it comes from the environment, correct it there.',
  },
  E126: {
    title: 'one schema for two purposes',
    meaning:
      'Tables for people to query and the internal ones (parts, state) must lie in two different schemas.',
    next: 'Give schema and internal different names.',
  },
  E127: {
    title: 'path leaves the project',
    meaning: "Paths of connections are relative to the project's folder and stay inside it.",
    next: 'Move or copy the files into the project and write the path from there.',
  },
  E131: {
    title: 'secret written in the file',
    meaning:
      'Passwords, tokens and keys may not stand in YAML: files are copied, committed and shown. Only references are allowed.',
    next: 'Write ${env:NAME} or ${file:path} instead, and change the secret if the file was ever shared.',
  },
  E132: {
    title: 'environment variable not set',
    meaning: 'The file refers to an environment variable that this process does not have, or that is empty.',
    next: 'Set it before you start polder.',
  },
  E133: {
    title: 'secret file cannot be used',
    meaning:
      'The file that ${file:path} names does not exist, cannot be read, is empty, or lies outside of the project.',
    next: 'Put the file inside the project (and in .gitignore), and write its path from there.',
  },
  E134: {
    title: 'reference not understood',
    meaning: 'References are written as ${env:NAME} or ${file:path}. No other form exists.',
    next: 'Correct the reference.',
  },
  E135: {
    title: 'password written in a URL',
    meaning: 'A URL in this file carries a password in clear text.',
    next: 'Put a reference in its place, as postgres://user:${env:NAME}@host/database, and change the password if the file was ever shared.',
  },
  E141: {
    title: 'unknown connection',
    meaning: 'The pipeline reads from a connection that config/connections.yaml does not have.',
    next: 'Correct the name, or add the connection.',
  },
  E142: {
    title: 'nothing is made of these rows',
    meaning: 'The dataset or the pipeline is empty: no dataset, or no table under to.',
    next: 'Add what is missing, or remove it.',
  },
  E143: {
    title: 'default without effect',
    meaning:
      'No target of this pipeline takes the default: either no table has the column, or all targets fill it themselves.',
    next: 'Correct the name of the column, or remove the default.',
  },
  E145: {
    title: 'setting that needs a cursor',
    meaning:
      'start, lookback, full, key_scan, deletes: scan, deletes: source and remap: forward say how a dataset is read by its cursor. Without one it is read in full every time, which finds deleted rows too.',
    next: 'Add cursor: with the column that grows with every change, or remove the setting.',
  },
  E146: {
    title: 'no look-back',
    meaning: 'A look-back is a time (90s, 10m, 2h, 3d), or a whole number where the cursor is a number.',
    next: 'Write it in one of these forms.',
  },
  E151: {
    title: 'unknown table',
    meaning: 'The unified schema has no table of this name.',
    next: 'Correct the name, or declare the table in schema/.',
  },
  E152: {
    title: 'unknown column',
    meaning: 'The unified table has no column of this name.',
    next: 'Correct the name, add the column in schema/, or keep the value under attributes.',
  },
  E153: {
    title: 'column is filled by Polder',
    meaning: 'This column is filled by Polder itself; a mapping may not set it.',
    next: 'Remove it.',
  },
  E154: {
    title: 'required column missing',
    meaning:
      'The table requires this column, and neither the target nor the defaults of the pipeline fill it.',
    next: 'Map the column.',
  },
  E155: {
    title: 'constant does not fit the column',
    meaning: 'The constant is not a value that the column can hold, so every row would be rejected.',
    next: 'Write a value of the type of the column, or one of its allowed values.',
  },
  E156: {
    title: 'value table gives a value that does not fit',
    meaning: 'A value under map or default is not one that the column can hold.',
    next: 'Write a value of the type of the column, or one of its allowed values.',
  },
  E157: {
    title: 'rows without a name of their own',
    meaning:
      'A dataset that makes several rows for one table gives each of them a name (as), which becomes part of its id.',
    next: 'Give every entry of the list an as of its own.',
  },
  E158: {
    title: 'each and key belong together',
    meaning:
      'each makes one row per item; key says what identifies the item. Without key the rows would have no stable id; without each there is no item.',
    next: 'Give both, or none.',
  },
  E159: {
    title: 'column says two things',
    meaning:
      'A column is either a constant ({ is: … }) or comes from an expression ({ from: …, with map, default, invalid, zone }).',
    next: 'Give exactly one of is and from.',
  },
  E160: {
    title: 'zone without a time',
    meaning: 'A zone has a meaning only for columns that hold a date or a timestamp.',
    next: 'Remove zone.',
  },
  E161: {
    title: 'append_on without a history',
    meaning:
      'append_on adds a row to a table that only grows (history: append). In other tables a source row has one row, which is replaced.',
    next: 'Remove append_on, or map to a table with history: append.',
  },
  E162: {
    title: 'append_on names nothing that changes',
    meaning:
      'append_on names columns of the table that this entry maps to an expression. A constant or a column that is not mapped never changes.',
    next: 'Name a column that the entry maps.',
  },
  E164: {
    title: 'no function of the team',
    meaning:
      'Every file of transforms/ that ends in .jsonata holds one function and is named as it; its name is none that JSONata or Polder has.',
    next: 'As transforms/full_name.jsonata with function($first, $last) { $first & " " & $last }, called as $full_name(a, b).',
  },
  E163: {
    title: 'same_as is no reference to a party',
    meaning:
      'same_as stands under party and gives the id of another party that is certainly the same one. Ids are made by $ref (another source row) or $self (another row of this one).',
    next: 'Write same_as: $ref("customers", merged_into) under party.',
  },
  E165: {
    title: 'look-up without the columns that lead to its rows',
    meaning:
      'A look-up of with: compares the fields of on with the columns of key, one with one. Without key these are the columns of the primary key of the table; with many: true several rows belong to one, so they are found by another column.',
    next: 'Write key: with the columns of the looked-up table, in the order of on.',
  },
  E171: {
    title: 'YAML cut the expression',
    meaning:
      'Some characters of JSONata mean something else to YAML: " #" starts a comment, ": " a mapping, and in flow style { … } also "," and brackets end the text. What is left of the expression is not what was meant.',
    next: 'Put the expression in quotes, or write it as a block (|) on the next line.',
  },
  E172: {
    title: 'not an expression',
    meaning:
      'An expression is needed here, and YAML read something else: a mapping, a list, a number, true or false.',
    next: 'Write the expression in quotes. A constant text is written as { is: text }.',
  },
  E173: {
    title: 'a date here is a subtraction',
    meaning: 'JSONata reads 2024-01-31 as 2024 minus 1 minus 31.',
    next: 'A constant date is written as { is: 2024-01-31 }; inside an expression put it in quotes.',
  },
  E174: {
    title: 'yes and no are names here',
    meaning: 'YAML 1.2 reads yes, no, on and off as text, so this is the field of that name in the source.',
    next: 'For a constant write true or false. For the field, write it between backquotes.',
  },
  E181: {
    title: 'unknown column type',
    meaning:
      'Types are id, text, text(length), integer, decimal(precision,scale) with a precision of at most 38, double, boolean, date, timestamp and json.',
    next: 'Choose one of them.',
  },
  E182: {
    title: 'column exists already',
    meaning: 'A file that extends a table may only add columns; those that exist keep their meaning.',
    next: 'Choose another name, or remove the column.',
  },
  E183: {
    title: 'name is reserved',
    meaning: 'Columns of this name are made by Polder, or the name has a meaning of its own under to.',
    next: 'Choose another name.',
  },
  E184: {
    title: 'reference to an unknown table',
    meaning: 'references names the table that the id points to, and there is no such table.',
    next: 'Correct the name.',
  },
  E185: {
    title: 'does not go with the type of the column',
    meaning: 'values belongs to columns of type text, references to columns of type id.',
    next: 'Remove it, or change the type.',
  },
  E186: {
    title: 'an extension only adds columns',
    meaning: 'The table is declared elsewhere; this file can add columns to it, and nothing else.',
    next: 'Remove the key, or give a table of your own another name.',
  },
  E191: {
    title: 'test checks nothing',
    meaning: 'The test states no expected rows, no rejected and no filtered: it could never fail.',
    next: 'Add expect, rejected or filtered.',
  },
  E192: {
    title: 'unknown dataset in a test',
    meaning: 'given names a dataset that this pipeline does not have.',
    next: 'Correct the name.',
  },
  E193: {
    title: 'unknown table or column in a test',
    meaning:
      'expect names a table that the unified schema does not have, or a column that the table does not have.',
    next: 'Correct the name.',
  },
} satisfies Catalog
