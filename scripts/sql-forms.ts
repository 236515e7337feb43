import type { ColumnFacts, Verdict } from '../core/expr.ts'
import type { Field } from '../core/field.ts'
import type { MappingInput } from '../core/mapping.ts'
import { looseText } from '../core/place.ts'
import { type ColumnType, withSystemColumns } from '../core/unified.ts'
import { sayMapping } from '../transforms/sql/say-mapping.ts'
import { columnFacts as duckdbFacts } from '../warehouses/duckdb/column-facts.ts'
import { print as printDuckdb } from '../warehouses/duckdb/expr.ts'
import { columnFacts as mysqlFacts } from '../warehouses/mysql/column-facts.ts'
import { printFor } from '../warehouses/mysql/expr.ts'
import { columnFacts as postgresFacts } from '../warehouses/postgres/column-facts.ts'
import { print as printPostgres } from '../warehouses/postgres/expr.ts'

/** The page `docs/reference/sql-forms.md`: what each engine says of typical expressions, asked of the code itself. */

const text = { kind: 'text' } as const
const money = { kind: 'decimal', precision: 18, scale: 4 } as const
const EXAMPLES: [title: string, rows: [expression: string, type: ColumnType][]][] = [
  [
    'Fields',
    [
      ['name', text],
      ['name', { kind: 'text', length: 20 }],
      ['name', { kind: 'id' }],
      ['name', { kind: 'integer' }],
      ['name', money],
      ['name', { kind: 'boolean' }],
      ['name', { kind: 'date' }],
      ['name', { kind: 'timestamp' }],
      ['quantity', { kind: 'integer' }],
      ['quantity', text],
      ['number', { kind: 'integer' }],
      ['number', text],
      ['price', money],
      ['price', text],
      ['price', { kind: 'integer' }],
      ['weight', { kind: 'double' }],
      ['weight', money],
      ['weight', text],
      ['born', { kind: 'date' }],
      ['born', text],
      ['seen', { kind: 'timestamp' }],
      ['changed', { kind: 'timestamp' }],
      ['changed', text],
      ['tags', { kind: 'json' }],
    ],
  ],
  [
    'Operators',
    [
      ['quantity = 1', { kind: 'boolean' }],
      ['price != 0.5', { kind: 'boolean' }],
      ['name = "a"', { kind: 'boolean' }],
      ['name in ["a", "b"]', { kind: 'boolean' }],
      ['quantity > 1', { kind: 'boolean' }],
      ['number > 1', { kind: 'boolean' }],
      ['weight > 1', { kind: 'boolean' }],
      ['name < "b"', { kind: 'boolean' }],
      ['name < city', { kind: 'boolean' }],
      ['quantity = 1 and name = "a"', { kind: 'boolean' }],
      ['name & "/" & city', text],
      ['name & quantity', text],
      ['name & weight', text],
      ['name ? city : "none"', text],
      ['name ?: "none"', text],
      ['name ?? "none"', text],
      ['name ? 1 : "none"', text],
      ['quantity + 1', { kind: 'double' }],
      ['quantity * quantity', { kind: 'double' }],
      ['quantity / 2', { kind: 'double' }],
      ['quantity / quantity', { kind: 'double' }],
      ['quantity % 3', { kind: 'integer' }],
      ['price * quantity', money],
      ['weight * weight', { kind: 'double' }],
      ['price % 2', money],
      ['( $x := $trim(name); $x & $x )', text],
      ['name ~> $trim', text],
      ['tags[0]', text],
    ],
  ],
  [
    'Members of JSON',
    [
      ['data.email', text],
      ['data.address.city', text],
      ['data.amount', money],
      ['data.amount * 2', { kind: 'double' }],
      ['data.since', { kind: 'timestamp' }],
      ['data.active', { kind: 'boolean' }],
      ['data.active ? "yes" : "no"', text],
      ['data.level = "gold"', { kind: 'boolean' }],
      ['data.amount > 1', { kind: 'boolean' }],
      ['$exists(data.email)', { kind: 'boolean' }],
      ['data', { kind: 'json' }],
      ['data.lines[0].sku', text],
      ['$count(data.lines)', { kind: 'integer' }],
      ['data.lines.sku', text],
      ['$join(data.lines.sku, ",")', text],
      ['$sum(data.lines.amount)', money],
    ],
  ],
  [
    'Functions',
    [
      ['$string(quantity)', text],
      ['$string(weight)', text],
      ['$length(name)', { kind: 'integer' }],
      ['$substring(name, 0, 3)', text],
      ['$substring(name, -3)', text],
      ['$substring(name, quantity)', text],
      ['$substringBefore(name, "@")', text],
      ['$substringAfter(name, "@")', text],
      ['$lowercase(name)', text],
      ['$uppercase(name)', text],
      ['$trim(name)', text],
      ['$pad(name, -5, "0")', text],
      ['$join([name, city], ", ")', text],
      ['{ "name": name, "age": quantity }', { kind: 'json' }],
      ['[name, city]', { kind: 'json' }],
      ['$contains(name, "a")', { kind: 'boolean' }],
      ['$contains(name, /^[a-z]+$/)', { kind: 'boolean' }],
      ['$contains(name, /\\s/)', { kind: 'boolean' }],
      ['$contains(name, /a|b/)', { kind: 'boolean' }],
      ['$contains(name, /^(yes|no)$/)', { kind: 'boolean' }],
      ['$contains(name, /^a|b$/)', { kind: 'boolean' }],
      ['$replace(name, "a", "b")', text],
      ['$replace(name, /[^0-9+]/, "")', text],
      ['$split(name, ",")[0]', text],
      ['$join(tags, ",")', text],
      ['$number(name)', { kind: 'double' }],
      ['$abs(price)', money],
      ['$floor(price)', { kind: 'integer' }],
      ['$ceil(weight)', { kind: 'integer' }],
      ['$round(price)', { kind: 'integer' }],
      ['$round(price, 2)', money],
      ['$round(weight, 2)', { kind: 'double' }],
      ['$sqrt(price)', { kind: 'double' }],
      ['$power(price, 2)', { kind: 'double' }],
      ['$boolean(name)', { kind: 'boolean' }],
      ['$not(name)', { kind: 'boolean' }],
      ['$exists(name)', { kind: 'boolean' }],
      ['$sum(tags)', money],
      ['$count(tags)', { kind: 'integer' }],
      ['$formatNumber(price, "#.00")', text],
      ['$fromMillis(number)', text],
      ['$fromMillis(number)', { kind: 'timestamp' }],
      ['$fromMillis(number, "[Y0001]-[M01]-[D01]")', { kind: 'date' }],
      ['$fromMillis(number, "[D1o] [MNn]")', text],
      ['$toMillis(name)', { kind: 'integer' }],
      ['$toMillis(changed)', { kind: 'integer' }],
      ['$toMillis(seen)', { kind: 'integer' }],
      ['$hash(name)', text],
      ['$nullif(name, "n/a")', text],
      ['$decimal(price * quantity)', money],
      ['$date(name, "dmy")', { kind: 'date' }],
      ['$date(name)', { kind: 'date' }],
      ['$timestamp(name)', { kind: 'timestamp' }],
      ['$timestamp(name, "UTC")', { kind: 'timestamp' }],
      ['$timestamp(seen, "UTC")', { kind: 'timestamp' }],
      ['$email(name)', text],
      ['$country(name)', text],
      ['$ref("customers", quantity)', { kind: 'id' }],
      ['$ref("customers", name)', { kind: 'id' }],
      ['$self("one")', { kind: 'id' }],
    ],
  ],
]

type Spelled = [name: string, type: Field['type'], postgres: string, duckdb: string, mysql: string]
const COLUMNS: Spelled[] = [
  ['id', 'integer', 'integer', 'INTEGER', 'int(11)'],
  ['name', 'text', 'text', 'VARCHAR', 'text'],
  ['city', 'text', 'text', 'VARCHAR', 'text'],
  ['quantity', 'integer', 'integer', 'INTEGER', 'int(11)'],
  ['number', 'integer', 'bigint', 'BIGINT', 'bigint(20)'],
  ['price', 'decimal', 'numeric(10,2)', 'DECIMAL(10,2)', 'decimal(10,2)'],
  ['weight', 'float', 'double precision', 'DOUBLE', 'double'],
  ['born', 'date', 'date', 'DATE', 'date'],
  ['seen', 'datetime', 'timestamp without time zone', 'TIMESTAMP', 'datetime'],
  ['changed', 'timestamp', 'timestamp with time zone', 'TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['tags', 'json', 'jsonb', 'JSON', 'longtext check json_valid'],
  ['data', 'json', 'jsonb', 'JSON', 'longtext check json_valid'],
]
const fields = COLUMNS.map(
  ([name, type, sourceType]): Field => ({ name, type, sourceType, nullable: name !== 'id' }),
)
const factsAt = (at: 2 | 3 | 4, of: (field: Field) => ColumnFacts): ColumnFacts[] =>
  COLUMNS.map((it, i) => of({ ...fields[i]!, sourceType: it[at] }))

const ENGINES = [
  { columns: factsAt(2, postgresFacts), print: printPostgres },
  { columns: factsAt(3, duckdbFacts), print: printDuckdb },
  { columns: factsAt(4, mysqlFacts), print: printFor('mariadb') },
]

const AT = looseText('').place()

function mapping(expression: string, type: ColumnType): MappingInput {
  const columns = withSystemColumns([{ name: 'value', type, description: '' }])
  const value = {
    column: 'value',
    at: AT,
    value: { expression: looseText(expression) },
    invalid: 'reject' as const,
  }
  return {
    dataset: {
      pipeline: 'shop',
      name: 'orders',
      connection: 'db',
      from: 'orders',
      fromAt: AT,
      load: 'auto',
      targets: [{ table: 'out', as: 'one', columns: [value], at: AT }],
      at: AT,
    },
    facts: { from: 'orders', schema: { fields }, key: ['id'], keyProven: true, kind: 'table' },
    key: ['id'],
    tables: [{ name: 'out', description: '', history: 'current', columns }],
    timezone: 'Europe/Amsterdam',
    target: () => ({ keyTypes: ['integer'], as: [] }),
    datasets: ['shop.customers'],
  }
}

function verdicts(expression: string, type: ColumnType): { words: string[]; because: string } {
  const said = ENGINES.map(({ columns, print }) => {
    const verdict = sayMapping({ mapping: mapping(expression, type), columns }).targets[0]!.columns[0]!.said
    return { verdict, word: wordOf(verdict, print) }
  })
  const refused = said.find((it) => it.verdict.verdict === 'not')?.verdict
  return { words: said.map((it) => it.word), because: refused?.because ?? '' }
}

function wordOf(verdict: Verdict, print: (typeof ENGINES)[number]['print']): string {
  if (verdict.verdict === 'not') return 'no'
  const printed = print(verdict.expr)
  if ('not' in printed) return 'no'
  return printed.sessionIndependent ? verdict.verdict : `${verdict.verdict} *`
}

const spelled = (type: ColumnType): string => {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`
  return type.kind === 'text' && type.length ? `text(${type.length})` : type.kind
}

const cell = (it: string): string => it.replaceAll('|', '\\|')

const INTRODUCTION = `# Expressions that have a form in SQL

What becomes of an expression where a table is mapped in place. Each line is asked of the code that does it.

- **exact**: the same value on every row, and no error.
- **guarded**: the same value on every row where a condition holds, which SQL tests row by row; the other rows go through JavaScript.
- **close**: the last bits of a double may differ, before it is rounded to the column's scale; used only with [\`doubles: close\`](../guide/in-place.md#powers).
- **no**: JavaScript computes it; the reason stands at the end of the line.
- \\*: depends on a setting of the session (PostgreSQL's \`extra_float_digits\`), so it may not stand in a view.

The fields: \`name\`, \`city\` text · \`quantity\` integer · \`number\` bigint · \`price\` numeric(10,2) · \`weight\` double · \`born\` date ·
\`seen\` date and time without zone (zone Europe/Amsterdam) · \`changed\` instant · \`tags\`, \`data\` JSON (\`jsonb\` in PostgreSQL). All may be NULL, which is missing.

Why a field by itself is guarded: a text may hold U+0000 in DuckDB and MariaDB, which no column takes; a numeric or a double may be NaN or
infinite; a date may lie beyond the years 1000 to 9999. MySQL 8 was never run: read its column as unproven.

\`append_on\`, \`same_as\` and \`attributes: '*'\` have no form. \`each\` has one where its list is written out: \`[{ … }, condition ? { … }]\`,
with a key of its own in every item. \`$lowercase\` and \`$uppercase\` hold for texts of
ASCII letters. Regular expressions hold where they are classes of ASCII characters with \`+ * ? {n,m}\`, between \`^\` and \`$\` or not, and
alternatives of those: \`a|b\`, \`^(yes|no)$\`.

**A member of JSON** holds in PostgreSQL's \`jsonb\`, where it is of the type that its use takes: a number in arithmetic, beside a number and in columns of numbers,
true or false as a condition and in boolean columns, else a text; and where no list is on the way to it but those that the path takes an item of, as
\`data.lines[0].sku\`, up to the fourth and with no null before it. Other rows are JavaScript's. \`json\`, and JSON in DuckDB
and MariaDB, may hold a name twice in an object, and engines and JavaScript take different ones.

**Dates and times in text** hold as \`2024-02-29\`, and as \`2024-02-29T12:34:56.789\` with \`T\` or a blank, seconds and up to six decimals or without, and
\`Z\`, \`+02:00\`, \`+0200\` or \`+02\` behind. Without an offset they hold in the zone UTC only: other clocks are JavaScript's to judge, since engines know
other histories of a zone. A year must be 1000 to 9999, an offset less than 15 hours. \`$toMillis\` holds for what ECMAScript has: seconds, at most three
decimals, \`Z\` or \`+02:00\`. Pictures of \`$fromMillis\` hold with \`[Y0001] [Y] [M01] [D01] [H01] [m01] [m] [s01] [s] [f001]\`.
`

export function sqlFormsReference(): string {
  const parts = EXAMPLES.map(([title, rows]) => {
    const lines = rows.map(([expression, type]) => {
      const { words, because } = verdicts(expression, type)
      return `| \`${cell(expression)}\` | ${spelled(type)} | ${words.join(' | ')} | ${cell(because)} |`
    })
    const head =
      '| expression | column | PostgreSQL | DuckDB | MariaDB | why not |\n|---|---|---|---|---|---|'
    return `## ${title}\n\n${head}\n${lines.join('\n')}\n`
  })
  return `${INTRODUCTION}\n${parts.join('\n')}`
}
