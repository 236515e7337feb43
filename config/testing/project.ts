import type { OptionSet, OptionSpec } from '../../core/options.ts'
import type { SourceFile } from '../../core/place.ts'
import { checkProject } from '../check.ts'
import type { LoadedProject } from '../load.ts'
import type { Registry } from '../registry.ts'
import { createReport } from '../report.ts'

/** A project in memory for the tests of this folder: small tables and connectors with every kind of option. */

const option = (kind: OptionSpec['kind'], more: Partial<OptionSpec> = {}): OptionSpec => ({
  kind,
  description: `its ${kind}`,
  required: false,
  ...more,
})

const shop: OptionSet = {
  url: option('url', { required: true, example: 'postgres://user:${env:DB_PASSWORD}@host/database' }),
  password: option('secret'),
  user: option('text'),
  port: option('integer', { default: 5432 }),
  tls: option('boolean'),
  mode: option('choice', { choices: ['fast', 'safe'] }),
  zone: option('timezone'),
  tables: option('texts'),
}

export const testRegistry: Registry = {
  functions: ['sum'],
  connectors: {
    postgres: { options: shop },
    files: { options: { path: option('path', { required: true }) } },
  },
  warehouses: {
    duckdb: { options: { path: option('path', { required: true }) } },
    mysql: { options: { url: option('url', { required: true }), password: option('secret') } },
  },
}

export const testSchema: SourceFile[] = [
  {
    path: 'unify/schema/party.yaml',
    text: `
table: party
description: A person or an organisation
columns:
  kind: { type: text, required: true, values: [person, organisation], description: Which of the two }
  given_name: { type: text, pii: name, description: First name }
  family_name: { type: text, pii: name, description: Last name }
  status: { type: text, values: [prospect, lead, customer, former], description: Where it stands }
  birth_date: { type: date, pii: birth, description: Day of birth }
  employees: { type: integer, description: How many }
  active: { type: boolean, description: Whether it is }
  registered_at: { type: timestamp, description: When }
  language: { type: text(2), description: ISO 639-1 }
`,
  },
  {
    path: 'unify/schema/identifier.yaml',
    text: `
table: identifier
description: What reaches a party
columns:
  party_id: { type: id, references: party, description: Whose it is }
  type: { type: text, required: true, description: What it is }
  value: { type: text, required: true, pii: contact, description: As the source has it }
  parts: { type: json, description: An address in pieces }
`,
  },
  {
    path: 'unify/schema/sales_order.yaml',
    text: `
table: sales_order
description: An order
columns:
  party_id: { type: id, required: true, references: party, description: Who bought }
  number: { type: text, description: On paper }
  ordered_at: { type: timestamp, description: When }
  currency: { type: text(3), description: ISO 4217 }
  net: { type: "decimal(18,4)", description: Revenue }
`,
  },
  {
    path: 'unify/schema/order_line.yaml',
    text: `
table: order_line
description: A line of an order
columns:
  order_id: { type: id, required: true, references: sales_order, description: Its order }
  sku: { type: text, description: What }
  quantity: { type: "decimal(18,4)", description: How many }
  net: { type: "decimal(18,4)", description: Revenue }
`,
  },
  {
    path: 'unify/schema/visit.yaml',
    text: `
table: visit
description: A visit of a page
history: append
columns:
  kind: { type: text, required: true, description: What }
  page: { type: text, description: Where }
  value: { type: integer, description: How long }
  occurred_at: { type: timestamp, required: true, description: When }
`,
  },
]

const DEFAULTS = {
  'polder.yaml': 'timezone: Europe/Amsterdam\n',
  'config/connections.yaml': 'shop_db:\n  connector: postgres\n  url: postgres://h/db\n',
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: public.customers
    to: { party: { kind: { is: person } } }
`,
}

/** @param files by path; those of a plain valid project are taken where they are left out, null leaves one out */
export function checkFiles(
  files: Record<string, string | null>,
  around: { env?: NodeJS.ProcessEnv; root?: string } = {},
): LoadedProject {
  const all = Object.entries({ ...DEFAULTS, ...files }).flatMap(([path, text]) =>
    text === null ? [] : [{ path, text }],
  )
  const at = (folder: string) => all.filter((it) => it.path.startsWith(folder))
  const given = {
    project: at('polder.y')[0],
    connections: at('config/')[0],
    pipelines: at('pipelines/'),
    schema: at('schema/'),
    transforms: at('transforms/'),
    incomplete: false,
  }
  const surroundings = { root: around.root ?? '/project', env: around.env ?? {} }
  return checkProject(given, testRegistry, testSchema, surroundings, createReport())
}

/** A pipeline whose one dataset has this under `to` (indented by six blanks in the end). */
export const pipelineTo = (to: string): string => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: public.customers
    to:
${to
  .replace(/^\n/, '')
  .split('\n')
  .map((it) => (it ? `      ${it}` : it))
  .join('\n')}
`
