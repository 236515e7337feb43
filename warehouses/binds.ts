const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g

/** Turns `?` into `$1`, `$2` … outside quoted text. */
export function numbered(sql: string): string {
  let count = 0
  return sql.replace(QUOTED, (part) => {
    if (part !== '?') return part
    count += 1
    return `$${count}`
  })
}
