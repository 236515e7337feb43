import type { CatalogEntry } from '../../core/catalog/index.ts'
import { table } from './format.ts'
import type { Paint } from './paint.ts'

export type CodePage = CatalogEntry & { code: string }

/** One page in full. */
export const pageText = ({ code, title, meaning, next }: CodePage, { colors }: Paint): string =>
  [`${colors.bold(code)}  ${title}`, '', meaning, '', `${colors.cyan('next:')} ${next}`].join('\n')

/** All codes with their titles. */
export const pagesText = (pages: CodePage[], { colors }: Paint): string =>
  table(pages.map((it) => [colors.bold(it.code), it.title])).join('\n')
