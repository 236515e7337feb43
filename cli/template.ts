/** The project that `polder init` writes: three customers in a CSV file, one of them without an e-mail address. */

const POLDER_YAML = `# The project: where the data goes. Reference: polder explain, and docs/ of the package.
warehouse:
  type: duckdb
  path: ./warehouse.duckdb
  schema: customer      # the tables that people query
  internal: polder      # parts and state
timezone: UTC           # of times that carry no zone
`

const CONNECTIONS_YAML = `# Where the data comes from. Secrets only by reference: \${env:NAME} or \${file:path}.
exports:
  connector: files
  path: ./data

# A database, when you are ready for it (put SHOP_DB_URL into the environment):
# shop_db:
#   connector: postgres
#   url: \${env:SHOP_DB_URL}
`

const CUSTOMERS_YAML = `# What goes where. Under "to:" a text is JSONata over the source row; { is: … } is a constant.
pipeline: customers
connection: exports
datasets:
  customers:
    from: customers.csv
    key: customer_id
    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        country: country
        status:
          from: state
          map: { A: customer, L: lead }
          default: former
        birth_date:
          from: birth_date
          invalid: missing      # an unreadable date becomes NULL and is counted; default: the row is rejected
      identifier:
        - as: email
          type: { is: email }
          value: email          # where it is missing, no identifier is made
tests:
  - name: a lead without an address makes a party and no identifier
    given:
      customers:
        - { customer_id: "7", first_name: Grace, last_name: Hopper, state: L, country: US }
    expect:
      party:
        - { given_name: Grace, family_name: Hopper, status: lead }
      identifier: []
    rejected: 0
`

const CUSTOMERS_CSV = `customer_id,first_name,last_name,email,country,state,birth_date
1,Ada,Lovelace,ada@example.com,GB,A,1815-12-10
2,Alan,Turing,alan@example.com,GB,A,1912-06-23
3,Grace,Hopper,,US,L,1906-12-09
`

const GITIGNORE = `.polder/
*.duckdb
*.duckdb.wal
.env
`

/** Path inside the project, with forward slashes → text. */
export const template: Record<string, string> = {
  'polder.yaml': POLDER_YAML,
  'config/connections.yaml': CONNECTIONS_YAML,
  'pipelines/customers.yaml': CUSTOMERS_YAML,
  'data/customers.csv': CUSTOMERS_CSV,
  '.gitignore': GITIGNORE,
}
