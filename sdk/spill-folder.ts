import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = `polder-spill-${hostname()}-`
const open = new Set<string>()

export interface SpillFolder {
  path: string
  /** What is in it goes, whoever still has it open. */
  remove(): void
}

/**
 * A folder of one's own in the system's folder for temporary files, for rows that find no room in memory: nobody else may
 * read it, and it does not outlive its owner. An engine keeps its files as long as anybody holds a result that was not
 * read to its end, and a process may exit before. What a killed process left behind goes when the next one asks.
 */
export function spillFolder(): SpillFolder {
  removeOrphans()
  if (open.size === 0) process.once('exit', removeAll)
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  open.add(path)
  return { path, remove: () => removeOne(path) }
}

function removeOne(path: string): void {
  open.delete(path)
  if (open.size === 0) process.off('exit', removeAll)
  drop(path)
}

const removeAll = (): void => open.forEach(drop)

function removeOrphans(): void {
  const ours = readdirSync(tmpdir()).filter((it) => it.startsWith(PREFIX))
  for (const name of ours)
    if (!isAlive(Number.parseInt(name.slice(PREFIX.length), 10))) drop(join(tmpdir(), name))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Another user's, or one that is in use where open files cannot be removed, stays. */
function drop(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Told to nobody: what is read is not worse for it.
  }
}
