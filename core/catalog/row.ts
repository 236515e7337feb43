import type { Catalog } from './types.ts'

export const rowCatalog = {
  E501: {
    title: 'row without a key',
    meaning: 'A key field is NULL or absent, so an update of this row could not be told from a new row.',
    next: 'Correct the source, or choose another key:.',
  },
  E502: {
    title: 'key that cannot be used',
    meaning: 'The value of a key field is not of its type, or is no single value.',
    next: 'Correct the source, or choose another key:.',
  },
  E503: {
    title: 'expression failed on a row',
    meaning:
      'JSONata ended with an error for the values of this row: mostly an operand or argument of the wrong type, as arithmetic on text.',
    next: 'Guard it: $exists(a) ? … ; or convert first: $number(a). Arithmetic on long numbers: $decimal(…).',
  },
  E504: {
    title: 'value of the wrong kind',
    meaning: 'A list, an object or a function came where the column holds one value.',
    next: 'Choose one: list[0], $join(list, ", "); or map it to a json column.',
  },
  E505: {
    title: 'text that cannot be stored',
    meaning: 'NUL characters and halves of surrogate pairs are refused by databases.',
    next: 'Take them out: $replace(field, /\\u0000/, "").',
  },
  E506: {
    title: 'text too long',
    meaning: 'The text has more characters than the column holds. Nothing is cut silently.',
    next: 'Cut it yourself: $substring(field, 0, n).',
  },
  E507: {
    title: 'no whole number of 64 bits',
    meaning: 'The column holds whole numbers, and the value has a fraction, is too large, or is no number.',
    next: '$round(field), or invalid: missing.',
  },
  E508: {
    title: 'decimal does not fit',
    meaning:
      'The source has more decimal places than the column holds, or more digits before the point. A source value is never rounded silently; a computed one is.',
    next: '$round(field, 2) or $decimal(field) to round; else a wider column.',
  },
  E509: {
    title: 'no number',
    meaning: 'The value is no finite decimal number: other text, NaN, Infinity, a boolean.',
    next: 'Convert it (decimal comma: $replace(field, ",", ".")), or invalid: missing.',
  },
  E510: {
    title: 'no boolean',
    meaning: 'true, false, 1, 0 and their texts are booleans; nothing else is.',
    next: 'map: { Y: true, N: false }, or a comparison: field = "yes".',
  },
  E512: {
    title: 'invalid date',
    meaning: 'A date is YYYY-MM-DD, exists in the calendar and lies between the years 1000 and 9999.',
    next: 'Convert it, or invalid: missing to store NULL and count it.',
  },
  E513: {
    title: 'invalid timestamp',
    meaning: 'An instant is ISO 8601 text, exists in the calendar and lies between the years 1000 and 9999.',
    next: 'Convert it with $toMillis(field, picture) and $fromMillis, or invalid: missing.',
  },
  E514: {
    title: 'time without a zone',
    meaning:
      'The value is a local time, and no time zone is stated for the column, dataset, connection or project.',
    next: 'State zone: on the column, or timezone: further out.',
  },
  E515: {
    title: 'number for a timestamp',
    meaning: 'A number could count seconds or milliseconds, from different years; that is not guessed.',
    next: '$fromMillis(field), or $fromMillis(field * 1000) for seconds.',
  },
  E516: {
    title: 'value not in the list',
    meaning: 'The column allows certain values only.',
    next: 'Translate with map:, and default: for the rest.',
  },
  E517: {
    title: 'value not in the map',
    meaning: 'The value table of the column has no entry for this value, and no default.',
    next: 'Add an entry, a default:, or invalid: missing.',
  },
  E518: {
    title: 'required value missing',
    meaning: '"when" says that the row is made, but a value without which it cannot be is missing.',
    next: 'Narrow when:, or leave it out: the row is then not made where the value is missing.',
  },
  E519: {
    title: 'item without a key',
    meaning:
      'An item of "each" has no key (or none that can be a text), so its row could not be updated later.',
    next: 'Choose another key: for the items.',
  },
  E520: {
    title: 'two items with one key',
    meaning: 'Two items of one source row have the same key: one would overwrite the other.',
    next: 'Choose a key: that tells the items apart.',
  },
  E521: {
    title: 'reference cannot be a key there',
    meaning:
      'The value given to $ref cannot be a key of the dataset it points to, as a text for a numeric key.',
    next: 'Correct the expression, or refer only where it fits: $exists(x) ? $ref(…).',
  },
  E522: {
    title: 'ordering of a long number',
    meaning:
      'Numbers that a double does not carry arrive as text, and texts order differently than numbers. Ordering one rejects the row.',
    next: 'Compare inside $decimal(…).',
  },
  E523: {
    title: 'no number inside $decimal',
    meaning: 'An operand is text that is no decimal number, a boolean, or a list.',
    next: 'Convert it first, or guard it with a condition.',
  },
  E524: {
    title: 'nested too deep',
    meaning: 'JSON nested that deep ends the recursion of expressions, drivers and databases.',
    next: 'Leave the field out of the mapping.',
  },
  E525: {
    title: 'reserved field name',
    meaning: 'Names that begin with "_jsonata_" mean functions to the interpreter; data could pass for code.',
    next: 'Leave the field out of the mapping.',
  },
  E526: {
    title: 'row sent in part',
    meaning: 'The source sent only the changed fields of a row, and an expression needs the whole row.',
    next: 'Let the source send whole rows.',
  },
  E527: {
    title: 'no e-mail address',
    meaning: '$email takes a text with a name, one @ and a domain with a dot.',
    next: 'Correct it at the source, or let the column say invalid: missing.',
  },
  E528: {
    title: 'no country',
    meaning:
      '$country takes a code of ISO 3166 (two letters, three letters, a number) or a name in English or in the language given.',
    next: 'Name the language, as $country(land, "nl"), map odd spellings with map:, or let the column say invalid: missing.',
  },
  E530: {
    title: 'value in a new column',
    meaning:
      'The source has a column that it did not have when the contract was agreed, and the row has a value in it. discard_row rejects the row; discard_value leaves the value out and counts it.',
    next: 'To take the column: polder run … --accept-schema',
  },
  E531: {
    title: 'value beyond the agreed type',
    meaning:
      "The source's column has another type than when the contract was agreed, and the value does not fit the old one. discard_row rejects the row; discard_value leaves the value out and counts it.",
    next: 'To take the new type: polder run … --accept-schema',
  },
  E540: {
    title: 'digits of a second cut',
    meaning: 'Instants keep microseconds; what was finer was cut, and counted.',
    next: 'Nothing to do. Where it matters, keep the text in attributes.',
  },
  E541: {
    title: 'time that does not exist',
    meaning:
      'The clocks skipped this local time when they went forward; it was moved forward by the gap, and counted.',
    next: 'Store instants, or times with an offset, in the source.',
  },
  E542: {
    title: 'digits beyond a double dropped',
    meaning:
      'The column holds doubles, and the value had more digits; the nearest double was stored, and counted.',
    next: 'Where every digit matters, declare the column as decimal.',
  },
} satisfies Catalog
