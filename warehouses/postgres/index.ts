import type { WarehouseKind } from '../../core/warehouse.ts'

export const postgres: WarehouseKind = {
  name: 'postgres',
  title: 'PostgreSQL',
  options: {
    url: {
      kind: 'url',
      description: 'The database that holds the warehouse',
      required: true,
      example: 'postgres://polder:${env:WAREHOUSE_PASSWORD}@localhost:5432/warehouse',
    },
  },
  open: async (context) => (await import('./session.ts')).open(context),
}
