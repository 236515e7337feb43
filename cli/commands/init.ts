import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import type { Context, Outcome } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { template } from '../template.ts'
import { mark } from '../text/paint.ts'

/** Writes a project that validates and runs at once. Files that are there are never touched. */
export async function init({ io }: Context, dir = '.'): Promise<Outcome<ResultOf<'init'>>> {
  const root = resolve(io.cwd, dir)
  const files = Object.keys(template)
  const existing = files.filter((it) => existsSync(join(root, it)))
  if (existing.length > 0) {
    throw new ConfigError('E804', {
      problem: `Files are there already: ${existing.join(', ')}. Nothing was written.`,
      remedy: 'Choose an empty folder: polder init <dir>',
    })
  }
  for (const [path, text] of Object.entries(template)) write(join(root, path), text)
  const folder = shortest(root, io.cwd)
  return {
    exitCode: ExitCode.ok,
    result: { root, files },
    problems: [],
    text: ({ colors }) =>
      [
        `${mark.ok(colors)} ${folder === '' ? 'this folder' : folder} is a project now`,
        ...files.map((it) => `  + ${it}`),
        '',
        'Next:',
        ...(folder === '' ? [] : [`  cd ${folder}`]),
        '  polder validate     check all files',
        '  polder plan         see what a run would do',
        '  polder run          load the three customers of data/customers.csv',
      ].join('\n'),
  }
}

/** The way to `root` from `cwd`; empty where it is the same, absolute where it does not lie inside. */
function shortest(root: string, cwd: string): string {
  const way = relative(cwd, root)
  return way.startsWith('..') ? root : way
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  // "wx": a file that appears between the check and now is not overwritten either.
  writeFileSync(path, text, { flag: 'wx' })
}
