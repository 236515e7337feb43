/**
 * A place in the source row, as its names joined by NUL; '' is the row itself. Lists are passed through: `lines.qty`
 * is the quantity of every line, as in JSONata.
 */
export type Path = string
export type Paths = ReadonlySet<Path>

const SEPARATOR = '\0'
/** Any one name (`*`), anything below (`**`), and "only whether it is there": no field can be called so. */
const ANY = '\u0001*'
const DEEP = '\u0001**'
const PRESENCE = '\u0001?'

export const NONE: Paths = new Set()
export const ROOT: Paths = new Set([''])

const add = (path: Path, segment: string): Path => (path === '' ? segment : path + SEPARATOR + segment)
const isCoarse = (path: Path): boolean => path.endsWith(DEEP)
const isPresence = (path: Path): boolean => path.endsWith(PRESENCE)

/** A field with an empty name would otherwise be its own parent. */
const segmentOf = (name: string): string => (name === '' ? '\u0001' : name)

const mapped = (paths: Paths, change: (path: Path) => Path): Paths => new Set([...paths].map(change))

export const child = (paths: Paths, name: string): Paths =>
  mapped(paths, (it) => (isCoarse(it) ? it : add(it, segmentOf(name))))
export const anyChild = (paths: Paths): Paths => mapped(paths, (it) => (isCoarse(it) ? it : add(it, ANY)))
export const anyBelow = (paths: Paths): Paths => mapped(paths, (it) => (isCoarse(it) ? it : add(it, DEEP)))
/** The row itself is always there. */
export const presence = (paths: Paths): Paths =>
  new Set(
    [...paths]
      .filter((it) => it !== '')
      .map((it) => (isPresence(it) || isCoarse(it) ? it : add(it, PRESENCE))),
  )

export function parent(paths: Paths): Paths {
  return mapped(paths, (it) => (isCoarse(it) ? it : it.split(SEPARATOR).slice(0, -1).join(SEPARATOR)))
}

export function union(...all: Paths[]): Paths {
  const filled = all.filter((it) => it.size > 0)
  if (filled.length === 0) return NONE
  return filled.length === 1 ? filled[0]! : new Set(filled.flatMap((it) => [...it]))
}

/** Is a change of the value at `changed` (its names, without places in lists) told by `path`? */
export function covers(path: Path, changed: readonly string[]): boolean {
  const segments = path === '' ? [] : path.split(SEPARATOR)
  const onlyPresence = segments.at(-1) === PRESENCE
  const names = onlyPresence ? segments.slice(0, -1) : segments
  for (let at = 0; at < names.length; at++) {
    if (names[at] === DEEP || at >= changed.length) return true
    if (names[at] !== ANY && names[at] !== segmentOf(changed[at]!)) return false
  }
  return !onlyPresence || changed.length === names.length
}

const PLAIN = /^[A-Za-z_][\w]*$/

/** As JSONata writes it; `*` for any name, `**` for all below, and the row itself is `$`. */
export function pathText(path: Path): string {
  if (path === '') return '$'
  const segments = path.split(SEPARATOR).filter((it) => it !== PRESENCE)
  return segments.map(segmentText).join('.')
}

function segmentText(segment: string): string {
  if (segment === ANY) return '*'
  if (segment === DEEP) return '**'
  const name = segment === '\u0001' ? '' : segment
  return PLAIN.test(name) ? name : `\`${name}\``
}

/** Texts of paths without those that another one implies. */
export function pathTexts(paths: Paths, told: Paths = NONE): string[] {
  const all = [...paths].filter((it) => !isImplied(it, paths) && !told.has(it) && !isImplied(it, told))
  return [...new Set(all.map(pathText))].sort()
}

const isImplied = (path: Path, by: Paths): boolean => {
  if (!isPresence(path)) return false
  const plain = path.slice(0, -PRESENCE.length - 1)
  return [...by].some((it) => it === plain || (it !== path && it.startsWith(plain + SEPARATOR)))
}

/** The first names of paths; undefined where one is the whole row. */
export function firstNames(paths: Paths): string[] | undefined {
  const firsts = [...paths].map((it) => it.split(SEPARATOR)[0]!)
  if (firsts.some((it) => it === '' || it === ANY || it === DEEP)) return undefined
  return [...new Set(firsts.map((it) => (it === '\u0001' ? '' : it)))]
}

/** Is something at or below this field of the row among the places? */
export const reaches = (paths: Paths, name: string): boolean => fieldsBelow(paths, name) !== undefined

/**
 * The fields of the object, or of the objects of the list, at this field of the row that the places need.
 * @returns undefined where they do not reach it; `all` where it is taken whole, or by names that are not known
 */
export function fieldsBelow(paths: Paths, name: string): Set<string> | 'all' | undefined {
  const below = [...paths].map((it) => it.split(SEPARATOR)).filter(([first]) => isAt(first!, name))
  if (below.length === 0) return undefined
  const seconds = below.map(([first, second]) => (first === segmentOf(name) ? (second ?? ANY) : ANY))
  if (seconds.some((it) => it === ANY || it === DEEP)) return 'all'
  return new Set(seconds.filter((it) => it !== PRESENCE).map((it) => (it === '\u0001' ? '' : it)))
}

const isAt = (first: string, name: string): boolean =>
  first === segmentOf(name) || first === '' || first === ANY || first === DEEP

/** Holds a place that stands for everything below it, or the row itself. */
export const isWide = (paths: Paths): boolean => [...paths].some((it) => isCoarse(it) || it === '')

/** The places of fields of the row. */
export const fieldPaths = (names: readonly string[]): Paths => union(...names.map((it) => child(ROOT, it)))
