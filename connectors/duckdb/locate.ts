import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError } from '../../sdk/index.ts'
import { isInside } from '../inside.ts'

/**
 * The file's absolute path, links resolved.
 * @throws {ConfigError} E404 there is no such file, E421 it lies outside the project
 */
export async function locate(name: string, root: string, connection: string): Promise<string> {
  const path = await realpath(resolve(root, name)).catch(() => undefined)
  if (path === undefined) {
    throw new ConfigError('E404', {
      problem: `Connection "${connection}": there is no file "${name}".`,
      remedy: 'Paths are relative to the folder of polder.yaml.',
    })
  }
  if (isInside(path, await realpath(root))) return path
  throw new ConfigError('E421', {
    problem: `Connection "${connection}": "${name}" lies outside the project's folder.`,
    remedy: 'Copy the file into the project.',
  })
}
