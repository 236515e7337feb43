import { createRequire } from 'node:module'
import { isMissing, type OwnFunction, Unfit } from './own-function.ts'

const NO_COUNTRY = new Unfit(
  'E528',
  'is no country: neither an ISO 3166 code nor a name in the languages asked for',
)
const NO_LANGUAGE = new Unfit('E528', 'is looked up in a language that has no list of countries')
/** In daily use, and reserved in ISO 3166 for what they are used for. */
const ALIASES: Record<string, string> = { UK: 'GB', EL: 'GR' }

const require = createRequire(import.meta.url)
type Countries = typeof import('i18n-iso-countries')
let loaded: Countries | undefined
const languages = new Map<string, boolean>()

function countries(): Countries {
  loaded ??= require('i18n-iso-countries') as Countries
  return loaded
}

/** The names of a language are read on its first use. @returns false where there are none */
function hasLanguage(language: string): boolean {
  const known = languages.get(language)
  if (known !== undefined) return known
  const has = countries().getSupportedLanguages().includes(language)
  if (has) countries().registerLocale(require(`i18n-iso-countries/langs/${language}.json`))
  languages.set(language, has)
  return has
}

export const country: OwnFunction = {
  name: 'country',
  signature: '$country(text) or $country(text, "nl")',
  description:
    'The ISO 3166 code of two letters for a code of two or three letters, a number, or a name in English or in the language given. What is no country is rejected, or missing where the column says `invalid: missing`.',
  example: '$country(land, "nl")',
  arguments: [1, 2],
  result: 'text',
  make: () => {
    const found = new Map<string, string | Unfit>()
    return (value, language) => {
      if (isMissing(value)) return undefined
      const text = String(value).trim()
      if (text === '') return undefined
      const key = `${String(language ?? '')} ${text}`
      if (!found.has(key)) remember(found, key, lookUp(text, language))
      const code = found.get(key)!
      if (code instanceof Unfit) throw code
      return code
    }
  },
}

/** Far more than there are countries: only dirty data has more spellings. */
const MAX_REMEMBERED = 10_000

function remember(found: Map<string, string | Unfit>, key: string, code: string | Unfit): void {
  if (found.size >= MAX_REMEMBERED) found.clear()
  found.set(key, code)
}

function lookUp(text: string, language: unknown): string | Unfit {
  const upper = text.toUpperCase()
  const { toAlpha2, isValid, getSimpleAlpha2Code } = countries()
  const code = ALIASES[upper] ?? (/^\d{1,3}$/.test(text) ? toAlpha2(text.padStart(3, '0')) : toAlpha2(upper))
  if (code !== undefined && isValid(code)) return code
  if (language !== undefined && (typeof language !== 'string' || !hasLanguage(language))) return NO_LANGUAGE
  const wanted = language === undefined ? ['en'] : [language as string, 'en']
  for (const it of wanted) {
    const byName = hasLanguage(it) ? getSimpleAlpha2Code(text, it) : undefined
    if (byName !== undefined) return byName
  }
  return NO_COUNTRY
}
