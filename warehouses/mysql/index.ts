import type { WarehouseKind } from '../../core/warehouse.ts'

export const mysql: WarehouseKind = {
  name: 'mysql',
  title: 'MySQL or MariaDB',
  options: {
    url: {
      kind: 'url',
      description: 'The server that holds the warehouse; its two schemas are databases there',
      required: true,
      example: 'mysql://polder:${env:WAREHOUSE_PASSWORD}@localhost:3306/',
    },
  },
  open: async (context) => (await import('./session.ts')).open(context),
}
