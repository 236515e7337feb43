/** A table of people with their days of birth as text, which may fail; needs CRM_DB_URL. */
export const CRM_FILES = {
  'config/connections.yaml': 'crm_db:\n  connector: postgres\n  url: ${env:CRM_DB_URL}\n',
  'pipelines/crm.yaml': `pipeline: crm
connection: crm_db
datasets:
  people:
    from: public.people
    to:
      party:
        kind: { is: person }
        family_name: name
        birth_date: born
      identifier:
        - as: email
          type: { is: email }
          value: email
`,
}
