/** Customers with a number and a name in `data/customers.csv`, which the test writes. */
export const EXPORT_FILES = {
  'config/connections.yaml': 'exports:\n  connector: files\n  path: ./data\n',
  'pipelines/files.yaml': `pipeline: files
connection: exports
datasets:
  customers:
    from: customers.csv
    key: customer_id
    to:
      party:
        kind: { is: person }
        full_name: name
`,
}
