import { expect, expectTypeOf, test } from 'vitest'
import type { SourceReader } from '../core/connector.ts'
import { defineConnector } from './define-connector.ts'
import { type OptionValues, option } from './option.ts'

const options = {
  host: option.text('Server'),
  port: option.integer('Port', { default: 80 }),
  token: option.secret('Token', { required: false }),
  mode: option.choice('Mode', ['fast', 'safe'], { default: 'safe' }),
  fields: option.texts('Fields', { required: false, example: 'a' }),
  deep: option.boolean('Deep', { default: false }),
}

test('an option is required unless it says otherwise or has a default', () => {
  const required = Object.entries(options).filter(([, it]) => it.required)
  expect(required.map(([name]) => name)).toEqual(['host'])
  expect(options.port).toEqual({ kind: 'integer', description: 'Port', required: false, default: 80 })
  expect(options.mode).toMatchObject({ kind: 'choice', choices: ['fast', 'safe'] })
})

test('a connector gets its options typed and its defaults filled in', () => {
  let seen: OptionValues<typeof options> | undefined
  const connector = defineConnector({
    name: 'x',
    title: 'X',
    options,
    open(context) {
      seen = context.options
      return {} as SourceReader
    },
  })
  connector.open({ connection: 'c', root: '/', options: { host: 'h', deep: true } })
  expect(seen).toEqual({ host: 'h', port: 80, mode: 'safe', deep: true })
  expectTypeOf<OptionValues<typeof options>>().toEqualTypeOf<{
    host: string
    port: number
    token: string | undefined
    mode: 'fast' | 'safe'
    fields: string[] | undefined
    deep: boolean
  }>()
})
