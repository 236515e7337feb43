/** One option of a connector or a warehouse; forms, validation, reference pages and JSON Schema come from it. */
export interface OptionSpec {
  kind: 'text' | 'url' | 'secret' | 'integer' | 'boolean' | 'path' | 'choice' | 'timezone' | 'texts'
  description: string
  required: boolean
  default?: string | number | boolean
  choices?: readonly string[]
  /** `url`: may carry a password, which then must come by reference. */
  example?: string
}

export type OptionSet = Record<string, OptionSpec>
