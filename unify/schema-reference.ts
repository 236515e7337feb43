import { type ColumnType, columnTypeText, type UnifiedColumn, type UnifiedTable } from '../core/unified.ts'

/** What the page must know of a warehouse: its name for people and how it writes a type. A dialect has the second. */
export interface Engine {
  title: string
  type(type: ColumnType): string
}

const INTRODUCTION = `# The unified tables

Every pipeline maps its source to these tables, and everything after that (identity, consent, segments, value) works
on them without asking where a row came from. A mapping names only the columns that it fills; those under
[In every table](#in-every-table) are filled by Polder unless said otherwise.

*Required*: a row without it is not made, or rejected where the mapping says \`when\`. *Personal data*: its kind; masked
wherever rows are shown. An id that *points to* a table is written with \`$ref\` or \`$self\`.`

/**
 * The reference page of the unified tables as Markdown. Columns that all tables share are described once, at the end.
 * @param engines  a column each with the type in that warehouse
 */
export function schemaReference(tables: UnifiedTable[], engines: Engine[]): string {
  const shared = sharedColumns(tables)
  const names = new Set(shared.map((it) => it.name))
  const contents = tables.map((it) => `- [${it.name}](#${it.name}): ${firstSentence(it.description)}`)
  const sections = tables.map((table) => tableSection(table, names, engines))
  const last = `## In every table\n\n${columnTable(shared, engines)}`
  return `${[INTRODUCTION, contents.join('\n'), ...sections, last].join('\n\n')}\n`
}

/** Columns of the same name and meaning in every table. */
function sharedColumns(tables: UnifiedTable[]): UnifiedColumn[] {
  const [first, ...rest] = tables
  if (!first) return []
  const same = (column: UnifiedColumn) => (table: UnifiedTable) =>
    table.columns.some((it) => it.name === column.name && it.description === column.description)
  return first.columns.filter((column) => column.system || rest.every(same(column)))
}

function tableSection(table: UnifiedTable, shared: Set<string>, engines: Engine[]): string {
  const own = table.columns.filter((it) => !shared.has(it.name))
  return [`## ${table.name}`, table.description, HISTORY[table.history], columnTable(own, engines)].join(
    '\n\n',
  )
}

const HISTORY = {
  current:
    'History: *current*. A row holds what the source says now; a row that the source deleted is hidden.',
  append: 'History: *append*. Rows are added and never overwritten; a full read deletes none.',
}

function columnTable(columns: UnifiedColumn[], engines: Engine[]): string {
  const titles = [
    'column',
    'type',
    ...engines.map((it) => it.title),
    'required',
    'personal data',
    'description',
  ]
  const rows = columns.map((column) => [
    `\`${column.name}\``,
    columnTypeText(column.type),
    ...engines.map((engine) => engine.type(column.type)),
    column.required ? 'yes' : '',
    column.pii ?? '',
    columnDescription(column),
  ])
  return [titles, titles.map(() => '---'), ...rows].map(tableLine).join('\n')
}

function columnDescription(column: UnifiedColumn): string {
  const values = column.values?.map((it) => `\`${it}\``).join(', ')
  return [
    column.description,
    values && `One of ${values}.`,
    column.references && `Points to [${column.references}](#${column.references}).`,
  ]
    .filter(Boolean)
    .join(' ')
}

const tableLine = (cells: string[]): string =>
  `| ${cells.map((it) => it.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`

const firstSentence = (text: string): string => /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text
