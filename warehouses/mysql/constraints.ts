import type { ColumnFacts } from '../../core/expr.ts'
import type { Connection } from '../engine.ts'

/**
 * Columns whose constraints let in nothing that a test of the column refuses. They are read as the server prints them,
 * which is one way for each; a constraint that says anything else besides proves nothing.
 * @see https://mariadb.com/kb/en/information-schema-check_constraints-table/ MySQL keeps them elsewhere, and need not enforce them
 */
export async function constrainedColumns(
  connection: Connection,
  { schema, name }: { schema: string; name: string },
  columns: ColumnFacts[],
): Promise<string[]> {
  const [server] = await connection.query('select version() as version')
  if (!/mariadb/i.test(String(server!['version']))) return []
  const rows = await connection.query(
    'select check_clause as clause, @@global.check_constraint_checks as enforced ' +
      'from information_schema.check_constraints where constraint_schema = ? and table_name = ?',
    [schema, name],
  )
  const said = rows
    .filter((it) => Number(it['enforced']) === 1)
    .flatMap((it) => sayings(String(it['clause'])))
  const says = (column: string, what: Saying['says']) =>
    said.some((it) => it.column === column && it.says === what)
  return columns.filter((it) => isKept(it, (what) => says(it.name, what))).map((it) => it.name)
}

function isKept({ stored }: ColumnFacts, says: (what: Saying['says']) => boolean): boolean {
  if (stored?.kind === 'text') return says('noNul')
  if (stored?.kind === 'timestamp') return says('year')
  return (stored?.kind === 'date' || stored?.kind === 'datetime') && says('year') && says('exists')
}

interface Saying {
  column: string
  /**
   * `year`: 1000 or later; `before`: some moment; `exists`: a day of the calendar; `noNul`: no U+0000. Of a value; NULL is
   * always let in.
   */
  says: 'year' | 'before' | 'exists' | 'noNul'
}

const NAME = '`((?:[^`]|``)+)`'
const MOMENT = `(?:DATE|TIMESTAMP)?'[1-9]\\d{3}-\\d\\d-\\d\\d(?: [\\d:.]+)?'`

const FORMS: [form: RegExp, says: Saying['says']][] = [
  [new RegExp(`${NAME} >=? ${MOMENT}`, 'y'), 'year'],
  [new RegExp(`${NAME} <=? ${MOMENT}`, 'y'), 'before'],
  [new RegExp(`${NAME} between ${MOMENT} and ${MOMENT}`, 'y'), 'year'],
  // NULL where the day does not exist, which is not the same as the day.
  [new RegExp(`${NAME} <=> \`\\1\` \\+ interval 0 day`, 'y'), 'exists'],
  [new RegExp(`locate\\(X'00',cast\\(${NAME} as char charset binary\\)\\) = 0`, 'y'), 'noNul'],
]

/** What a clause says, if it is these forms and nothing else: each must hold where all must. */
function sayings(clause: string): Saying[] {
  const found: Saying[] = []
  for (let at = 0; at < clause.length; ) {
    if (found.length > 0) {
      if (!clause.startsWith(AND, at)) return []
      at += AND.length
    }
    const next = sayingAt(clause, at)
    if (!next) return []
    found.push(next.saying)
    at = next.end
  }
  return found
}

const AND = ' and '

function sayingAt(clause: string, at: number): { saying: Saying; end: number } | undefined {
  for (const [form, says] of FORMS) {
    form.lastIndex = at
    const match = form.exec(clause)
    if (match) return { saying: { column: match[1]!.replaceAll('``', '`'), says }, end: form.lastIndex }
  }
  return undefined
}
