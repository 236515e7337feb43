import type { Catalog } from './types.ts'

export const mappingCatalog = {
  E201: {
    title: 'no JSONata',
    meaning:
      'The expression cannot be read. Often a bracket or quote is open, or YAML cut the text: "#" begins a comment there, and ": " a key.',
    next: 'Correct the expression at the caret; put it in quotes where YAML cuts it.',
  },
  E202: {
    title: 'unknown function or variable',
    meaning:
      'Neither JSONata nor Polder has a function of this name, and the expression binds no such variable. JSONata itself would only say that something was no function.',
    next: 'Correct the name. Variables live in one expression: ( $x := …; … ).',
  },
  E203: {
    title: 'function without $',
    meaning: 'Names without "$" are fields; functions of JSONata begin with it.',
    next: 'Write $sum(x), not sum(x).',
  },
  E204: {
    title: 'unknown source field',
    meaning:
      'The dataset has no field of this name. JSONata gives nothing for an unknown field and no error, so every value would be NULL. Names are compared with case.',
    next: 'Correct the name; polder connect discover lists the fields. In backticks: a name with blanks or signs.',
  },
  E205: {
    title: 'wrong number of arguments',
    meaning: "One of Polder's own functions is called with too few or too many arguments.",
    next: 'Write it as the message shows.',
  },
  E206: {
    title: 'reference to an unknown dataset',
    meaning: '$ref names a dataset that no pipeline of the project has.',
    next: 'Write "dataset" for the same pipeline, "pipeline.dataset" for another.',
  },
  E207: {
    title: 'reference to an unknown row',
    meaning: '$ref or $self names a row (as:) that the dataset does not make, so the id would lead nowhere.',
    next: 'Name one of the "as" of that dataset.',
  },
  E208: {
    title: 'number with too many digits',
    meaning:
      'A double carries at most 15 significant digits, or whole numbers up to 2^53 − 1. This literal would silently become another number.',
    next: 'Write it as text in quotes, or compute inside $decimal(…).',
  },
  E209: {
    title: 'regular expression whose time has no limit',
    meaning:
      'Patterns run in an engine whose time grows with the text only. It has no references back to a group (\\1) and does not look ahead or behind: with those, one text of a source could keep a run busy for hours.',
    next: 'Match more text and take a group of the match, or make two steps of it: $replace, then $match.',
  },
  E210: {
    title: 'not exact inside $decimal',
    meaning:
      'Inside $decimal only what has an exact decimal result can stand: + - *, comparisons, $sum, conditions, fields and numbers, and functions that pass a value on. Division has no such result.',
    next: 'Move it outside of $decimal, where it is computed in doubles and rounded by the column.',
  },
  E211: {
    title: '$eval is switched off',
    meaning: 'Text from a source would be run as a program.',
    next: 'Write the expression itself.',
  },
  E212: {
    title: 'comparison with null',
    meaning:
      'A NULL of the source reaches an expression as a missing value, never as null. A comparison with a missing value is false, for = and != alike.',
    next: 'Use $exists(field) or $not($exists(field)).',
  },
  E213: {
    title: 'rows with the same id',
    meaning:
      'Two entries of a dataset make rows in one table, and their ids would be equal, so one would overwrite the other.',
    next: 'Give each entry a name: as:',
  },
  E214: {
    title: 'time without a zone',
    meaning:
      'The field holds a local time (or a date), and the column an instant. Which instant it is depends on a time zone that nobody stated.',
    next: 'State timezone: on the connection or in polder.yaml, or zone: on the column.',
  },
  E215: {
    title: 'unknown table or column',
    meaning: 'The unified schema has no such table, or no such column that a mapping may fill.',
    next: 'Correct the name, or declare the column in a table file of your own.',
  },
  E216: {
    title: 'constant does not fit its column',
    meaning:
      'A value that the mapping states itself (is, map, default) is not of the type of the column, or not in its list.',
    next: 'Correct the value.',
  },
  E217: {
    title: 'each without key',
    meaning: 'The rows that "each" makes are told apart by the key of their item.',
    next: 'Add key: with the field of the item that numbers it.',
  },
  E218: {
    title: 'name must be a text in quotes',
    meaning:
      'The dataset and the "as" in $ref and $self are checked before anything runs, so they cannot be computed.',
    next: 'Write the name in quotes; choose between two with a condition around two calls.',
  },
  E219: {
    title: 'unknown time zone',
    meaning: 'Time zones are named as in the IANA database.',
    next: 'As Europe/Amsterdam, or UTC.',
  },
  E220: {
    title: 'required column not mapped',
    meaning: 'The table requires a value that this entry never gives, so it would never make a row.',
    next: 'Map the column.',
  },
  E221: {
    title: 'function must be called directly',
    meaning:
      "Polder's own functions are resolved when the mapping is compiled, so they cannot be passed around.",
    next: 'Call it with its arguments: $decimal(…), $ref(…), $self(…).',
  },
  E222: {
    title: 'wrong number of key fields',
    meaning: '$ref gives more or fewer values than the key of the dataset has fields.',
    next: 'Give a list in the order of its key: $ref("lines", [order_id, line_no]).',
  },
  E223: {
    title: 'field of a plain value',
    meaning:
      'The expression takes a field of a value that is a text, a number or a boolean. JSONata gives nothing there and no error, so every value would be NULL.',
    next: 'Take the value itself. Text that holds JSON is not read as JSON.',
  },
  E224: {
    title: 'condition that drops NULLs',
    meaning:
      'The field can be NULL. A comparison with a missing value is false, with != too, so these rows do not pass the condition.',
    next: 'If they should pass: field != "x" or $not($exists(field)). The same goes for $not(field): of a missing value it is missing, and not true.',
  },
  E225: {
    title: 'wrong type for an operator or a function',
    meaning:
      'The value can never be of the type that is needed here, so the expression fails on every row that has one, and the row would be rejected. An error where the source declares the type, a warning where only a sample or a habit tells it. Values of CSV files are text.',
    next: 'Convert it: $number(…), $string(…); to calculate with texts exactly, $decimal(…).',
  },
  E226: {
    title: 'change mark that is no time',
    meaning:
      'A row that append_on adds says when its state was reached (occurred_at). Where the mapping leaves it out, it is the change mark of the source row; a number cannot be one.',
    next: 'Map occurred_at to a field that holds a time.',
  },
  E227: {
    title: 'result does not fit its column',
    meaning:
      'What the expression gives can never become a value of the column: an object or a list where one value is held, a boolean where a number is, a text that is none of the values allowed.',
    next: 'Correct the expression, or choose another column; json columns hold anything.',
  },
  E228: {
    title: 'several values where one is needed',
    meaning:
      'A path through a list gives its one value where the list has one item, and a list where it has more. A row like the first passes, and one like the second fails.',
    next: 'Say which: (lines.sku)[0]; or put them together: $join(lines.sku, ", "), $sum(lines.price); or make a row of each: each: lines.',
  },
  E229: {
    title: 'key of map that never matches',
    meaning: 'Keys of map are compared with the text of the value, and no value of this field is written so.',
    next: 'Write the key as the text of the value: "1", "true", "2024-05-01".',
  },
  E230: {
    title: 'list that loses its brackets',
    meaning:
      'JSONata hands on a list of one item as that item. In a json column some rows then hold a list and others a value.',
    next: 'Put [] behind the last name: lines.sku[]. Or bracket the whole: [ … ].',
  },
  E231: {
    title: 'variable that is never used',
    meaning:
      'The value is computed for every row, and nothing comes of it. Most often another name is misspelled.',
    next: 'Use it, or take it out.',
  },
  E232: {
    title: 'pattern with very many ways to match',
    meaning:
      'A repetition within a repetition can divide one text in very many ways. Such a pattern runs in an engine whose time grows only with the text, several times slower than other patterns; in most other tools it would stop the run.',
    next: 'Let each turn end on something that is not part of the repetition: (\\w+,)* and not (\\w+,?)*.',
  },
  E233: {
    title: 'object of an empty list',
    meaning:
      'A grouping makes an object even where the list is missing or empty: {} or one that counts nothing. The column then holds that and not NULL.',
    next: 'Ask first: $exists(lines) ? lines{ … }.',
  },
  E234: {
    title: 'comparison of different types',
    meaning: 'A text never equals a number, and neither equals a boolean: "1" = 1 is false in JSONata.',
    next: 'Compare text with text in quotes, or make a number of it: $number(field) = 1.',
  },
} satisfies Catalog
