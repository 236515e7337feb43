import { isAbsolute, relative, sep } from 'node:path'

/** Is `path` the folder `root`, or something below it? Both absolute, links resolved. */
export const isInside = (path: string, root: string): boolean => {
  const way = relative(root, path)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}
