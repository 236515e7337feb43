import type { Field } from '../../core/field.ts'
import type { CsvMeasure, CsvWriting, FileAddress, ReachAsk, Reached } from '../../core/reach.ts'
import { plural } from '../../core/text.ts'
import { literal, quote } from '../ansi.ts'
import type { Connection } from '../engine.ts'
import { columnFacts } from './column-facts.ts'
import { fileWarnings, none, pathList, tooMany } from './reached.ts'

/**
 * DuckDB's own reader takes lines that the files connector rejects (a delimiter too many, a quote in the middle of a
 * field). So it is used only while both come to the same over all of the files as they are.
 */
export async function reachCsv(
  connection: Connection,
  { paths, csv }: FileAddress,
  { fields, thorough }: ReachAsk,
): Promise<Reached> {
  if (!thorough)
    return none(
      'CSV files must be read whole to know that DuckDB reads them alike: in place only with load: direct',
    )
  const refused = tooMany(paths) ?? unreadable(csv!)
  if (refused) return refused
  const measured = await csv!.measure()
  if ('not' in measured) return none(`a line has no fields to map: ${measured.not}`, 'mend it')
  const relation = relationOf(paths, csv!, fields)
  const difference = await compare(connection, relation, fields, measured)
  if (difference !== undefined) return none(`DuckDB reads the files otherwise: ${difference}`)
  return {
    how: 'file',
    because: `DuckDB reads ${plural(paths.length, 'CSV file')} by itself`,
    relation,
    columns: fields.map((it) => columnFacts({ ...it, sourceType: 'VARCHAR' })),
    warnings: ['every query reads them whole', ...fileWarnings(paths.length)],
  }
}

function unreadable({ encoding, delimiter }: CsvWriting): Reached | undefined {
  if (encoding !== 'utf-8')
    return none(`DuckDB reads texts in ${encoding} in a way of its own`, 'save as UTF-8')
  if (Buffer.byteLength(delimiter) > 4) return none('DuckDB takes no delimiter of more than 4 bytes')
  return undefined
}

function relationOf(paths: string[], csv: CsvWriting, fields: Field[]): string {
  const { delimiter, quote: mark, header, nullText, isZipped } = csv
  const options = [
    // Without names the columns are told apart by their place, and all files have the same.
    header ? 'union_by_name = true' : `names = [${fields.map((it) => literal(it.name)).join(', ')}]`,
    `header = ${header}`,
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(mark)}`,
    `escape = ${literal(mark)}`,
    `nullstr = ${literal(nullText)}`,
    `compression = ${literal(isZipped ? 'gzip' : 'none')}`,
    ...FIXED,
  ]
  return `read_csv(${pathList(paths)}, ${options.join(', ')})`
}

/** Nothing is left to be guessed from the first lines. */
const FIXED = [
  'all_varchar = true',
  'allow_quoted_nulls = false',
  'null_padding = false',
  'ignore_errors = false',
  'strict_mode = true',
  'normalize_names = false',
  'hive_partitioning = false',
  'skip = 0',
  `comment = ''`,
  `encoding = 'utf-8'`,
]

/** @returns what differs, without any value */
async function compare(
  connection: Connection,
  relation: string,
  fields: Field[],
  measured: CsvMeasure,
): Promise<string | undefined> {
  const sums = fields.flatMap(({ name }, i) => [
    `count(${quote(name)}) as v${i}`,
    `coalesce(sum(strlen(${quote(name)})), 0) as b${i}`,
  ])
  let found: Record<string, unknown>
  try {
    const names = await connection.query(`describe select * from ${relation}`)
    const known = new Set(names.map((it) => it['column_name']))
    const missing = fields.find((it) => !known.has(it.name))
    if (missing) return `it finds no column "${missing.name}"`
    if (known.size !== fields.length) return `it finds ${known.size} columns instead of ${fields.length}`
    found = (await connection.query(`select count(*) as rows, ${sums.join(', ')} from ${relation}`))[0]!
  } catch (error) {
    // The message shows the line.
    return `it fails with ${error instanceof Error ? error.message.split(':')[0] : 'an error'}`
  }
  if (Number(found['rows']) !== measured.rows) return `${found['rows']} rows instead of ${measured.rows}`
  const other = fields.find(({ name }, i) => {
    const { values, bytes } = measured.fields.get(name)!
    return Number(found[`v${i}`]) !== values || Number(found[`b${i}`]) !== bytes
  })
  return other && `the values of "${other.name}" are others`
}
