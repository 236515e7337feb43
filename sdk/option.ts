import type { OptionSet, OptionSpec } from '../core/options.ts'

interface More {
  /** Default: true, unless there is a `default`. */
  required?: boolean
  default?: string | number | boolean
  example?: string
}

type Given<M extends More> = M extends { default: string | number | boolean }
  ? true
  : M extends { required: false }
    ? false
    : true

type Typed<Kind extends OptionSpec['kind'], M extends More> = OptionSpec & { kind: Kind; given?: Given<M> }

type ValueOf<S extends OptionSpec> = S extends { kind: 'integer' }
  ? number
  : S extends { kind: 'boolean' }
    ? boolean
    : S extends { kind: 'texts' }
      ? string[]
      : S extends { kind: 'choice'; choices: readonly (infer Choice)[] }
        ? Choice
        : string

/** The values that `open` gets for a set of options; an optional one without default may be undefined. */
export type OptionValues<O extends OptionSet> = {
  [Name in keyof O]: O[Name] extends { given?: false } ? ValueOf<O[Name]> | undefined : ValueOf<O[Name]>
}

/** Options of a connector or a warehouse; each is required unless it says `required: false` or has a default. */
export const option = {
  text: of('text'),
  /** May carry a password. */
  url: of('url'),
  /** Never printed; in YAML only by reference. */
  secret: of('secret'),
  integer: of('integer'),
  boolean: of('boolean'),
  /** Relative to the project's folder; may not leave it. */
  path: of('path'),
  /** A name of the IANA list, as `Europe/Amsterdam`. */
  timezone: of('timezone'),
  /** A list of texts. */
  texts: of('texts'),
  choice<const C extends readonly string[], const M extends More = Record<never, never>>(
    description: string,
    choices: C,
    more?: M,
  ): Typed<'choice', M> & { choices: C } {
    return { ...spec('choice', description, more), choices } as Typed<'choice', M> & { choices: C }
  },
}

function of<Kind extends OptionSpec['kind']>(kind: Kind) {
  return <const M extends More = Record<never, never>>(description: string, more?: M): Typed<Kind, M> =>
    spec(kind, description, more) as Typed<Kind, M>
}

const spec = (kind: OptionSpec['kind'], description: string, more: More = {}): OptionSpec => ({
  kind,
  description,
  required: more.required ?? more.default === undefined,
  ...(more.default === undefined ? {} : { default: more.default }),
  ...(more.example === undefined ? {} : { example: more.example }),
})
