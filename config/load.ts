import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Problem } from '../core/errors.ts'
import type { SourceFile } from '../core/place.ts'
import type { ProjectSpec } from '../core/spec.ts'
import { checkProject, type ProjectFiles } from './check.ts'
import type { Registry } from './registry.ts'
import { createReport, type Report } from './report.ts'

export interface LoadedProject {
  /** Absent when any problem is an error. */
  project?: ProjectSpec
  /** In its place what could be read all the same: good for finding more faults, and for nothing else. */
  partial?: ProjectSpec
  /** In the order of files and lines. */
  problems: Problem[]
  /** How many files were read. */
  files: number
}

/**
 * Reads and checks a whole project: every fault of every file at once. Nothing is contacted.
 * @param root folder of `polder.yaml`
 * @param builtinSchema the unified tables that come with Polder, in the form of `schema/*.yaml`
 */
export async function loadProject(
  root: string,
  registry: Registry,
  builtinSchema: SourceFile[],
  env: NodeJS.ProcessEnv,
): Promise<LoadedProject> {
  const report = createReport()
  const absolute = resolve(root)
  const files = await readFiles(absolute, report)
  return checkProject(files, registry, builtinSchema, { root: absolute, env }, report)
}

async function readFiles(root: string, report: Report): Promise<ProjectFiles> {
  const [top, config, pipelines, schema, transforms] = await Promise.all([
    list(root, '', report),
    list(root, 'config', report),
    list(root, 'pipelines', report),
    list(root, 'schema', report),
    list(root, 'transforms', report, /\.jsonata$/),
  ])
  const read = (paths: string[]) => Promise.all(paths.map((path) => readText(root, path, report)))
  const [project, connections, ofPipelines, ofSchema, ofTransforms] = await Promise.all([
    read(only(top, 'polder', report)),
    read(only(config, 'config/connections', report)),
    read(pipelines),
    read(schema),
    read(transforms),
  ])
  const readable = (files: (SourceFile | undefined)[]) => files.filter((it) => it !== undefined)
  return {
    project: project[0],
    connections: connections[0],
    pipelines: readable(ofPipelines),
    schema: readable(ofSchema),
    transforms: readable(ofTransforms),
    incomplete: report.problems.some((it) => it.code === 'E108'),
  }
}

/** Files of a folder by their ending, those of its folders too (none of them is passed over in silence); sorted. */
async function list(root: string, folder: string, report: Report, ending = /\.ya?ml$/): Promise<string[]> {
  try {
    const recursive = folder === 'pipelines' || folder === 'schema'
    const names = await readdir(join(root, folder), { recursive })
    const paths = names.map((it) => (folder ? `${folder}/${it.replaceAll('\\', '/')}` : it))
    return paths.filter((it) => ending.test(it) && !/(^|\/)\./.test(it)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable(folder || '.', error, report)
    return []
  }
}

/** The one file of this name, whichever ending it has. */
function only(paths: string[], stem: string, report: Report): string[] {
  const found = paths.filter((it) => it === `${stem}.yaml` || it === `${stem}.yml`)
  if (found.length > 1)
    report.error('E110', undefined, {
      problem: `There are two files for one thing: ${found.join(' and ')}.`,
      remedy: 'Remove one of them.',
    })
  return found.slice(0, 1)
}

async function readText(root: string, path: string, report: Report): Promise<SourceFile | undefined> {
  try {
    const bytes = await readFile(join(root, path))
    // The decoder takes a byte order mark away; columns then count as people see them.
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    unreadable(path, error, report)
    return undefined
  }
}

function unreadable(path: string, error: unknown, report: Report): void {
  const encoding = error instanceof TypeError
  report.error('E108', undefined, {
    problem: encoding
      ? `${path} is not UTF-8 text.`
      : `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    remedy: encoding ? 'Save it as UTF-8.' : 'Check that it is a file that you may read.',
  })
}
