import type { Connector, ConnectorContext, SourceReader } from '../core/connector.ts'
import type { OptionSet } from '../core/options.ts'
import type { OptionValues } from './option.ts'

export interface ConnectorDefinition<O extends OptionSet> extends Omit<Connector, 'options' | 'open'> {
  options: O
  /** As `Connector.open`, with typed options and their defaults filled in. */
  open(context: Omit<ConnectorContext, 'options'> & { options: OptionValues<O> }): SourceReader
}

/** A connector whose `open` gets its options typed, by their names and kinds. */
export function defineConnector<O extends OptionSet>(definition: ConnectorDefinition<O>): Connector {
  return {
    ...definition,
    open: (context) =>
      definition.open({ ...context, options: withDefaults(definition.options, context) as OptionValues<O> }),
  }
}

function withDefaults(options: OptionSet, context: ConnectorContext) {
  const defaults = Object.entries(options).flatMap(([name, it]) =>
    it.default === undefined ? [] : [[name, it.default] as const],
  )
  return { ...Object.fromEntries(defaults), ...context.options }
}
