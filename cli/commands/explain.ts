import { catalog, explain as pageOf } from '../../core/catalog/index.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/text.ts'
import type { Outcome } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { type CodePage, pagesText, pageText } from '../text/explain.ts'

export async function explain(code: string | undefined): Promise<Outcome<ResultOf<'explain'>>> {
  const pages = code === undefined ? allPages() : [findPage(code)]
  return {
    exitCode: ExitCode.ok,
    result: { codes: pages },
    problems: [],
    text: (paint) => (code === undefined ? pagesText(pages, paint) : pageText(pages[0]!, paint)),
  }
}

const allPages = (): CodePage[] =>
  Object.entries(catalog)
    .map(([code, page]) => ({ code, ...page }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))

/** `204` and `e204` mean E204 too. */
function findPage(asked: string): CodePage {
  const code = `E${asked.replace(/^e/i, '')}`
  const page = pageOf(code)
  if (page) return { code, ...page }
  throw new ConfigError('E805', {
    problem: `There is no error code ${asked}.`,
    remedy: `${didYouMean(code, nearCodes(code))}All codes: polder explain`,
  })
}

/** Codes of the same family (first digit) before all others. */
const nearCodes = (code: string): string[] =>
  Object.keys(catalog).sort((a, b) => Number(b[1] === code[1]) - Number(a[1] === code[1]))
