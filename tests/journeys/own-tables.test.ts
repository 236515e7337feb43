import { afterAll, expect, test } from 'vitest'
import { warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { freshWarehouse, inWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const pipeline = (more: string) => `pipeline: shop
connection: exports
datasets:
  customers:
    from: customers.csv
    key: id
    to:
      party:
        kind: { is: person }
        given_name: name
${more}`

const FILES = {
  'config/connections.yaml': 'exports:\n  connector: files\n  path: ./data/*.csv\n',
  'data/customers.csv': 'id,name,tier,card,points\n1,Ada,gold,A1,12.345\n2,Grace,,B2,\n',
  'pipelines/shop.yaml': pipeline(''),
}

const OWN = {
  'schema/party.yaml': `table: party
columns:
  loyalty_tier:
    type: text(10)
    values: [gold, silver]
    description: What the shop calls its good customers
`,
  'schema/loyalty_card.yaml': `table: loyalty_card
description: A card of the loyalty programme
columns:
  party_id:
    type: id
    references: party
    description: Whose card it is
  number:
    type: text
    required: true
    description: As printed on the card
  points:
    type: decimal(10,2)
    description: Points on the card
`,
  'pipelines/shop.yaml': pipeline(`        loyalty_tier: tier
      loyalty_card:
        number: card
        points: $decimal(points * 1)
`),
}

test.each(WAREHOUSES)(
  "%s: a team's own column joins a table that holds rows, and its own table is made",
  async (name) => {
    const warehouse = await freshWarehouse(name)
    const project = await warehouseProject(warehouse, FILES)
    undo.push(warehouse.drop, project.remove)
    await runsWell(project)
    await project.write(OWN)
    await runsWell(project)

    const rows = await inWarehouse(warehouse, async (session) => {
      const relation = (table: string) => session.dialect.relation(session.schema, table)
      const card = session.dialect.quote('number')
      return session.query(
        `select p.given_name, p.loyalty_tier, c.${card}, c.points from ${relation('party')} as p ` +
          `join ${relation('loyalty_card')} as c on c.party_id = p.id order by p.id`,
      )
    })
    expect(rows).toEqual([
      { given_name: 'Ada', loyalty_tier: 'gold', number: 'A1', points: expect.stringMatching(/^12\.34$/) },
      { given_name: 'Grace', loyalty_tier: null, number: 'B2', points: null },
    ])
  },
)
