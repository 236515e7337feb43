import type { WarehouseKind } from '../core/warehouse.ts'
import { duckdb } from './duckdb/index.ts'
import { mysql } from './mysql/index.ts'
import { postgres } from './postgres/index.ts'

/** The warehouses of Polder; a driver is loaded when its warehouse is opened. */
export const warehouses: WarehouseKind[] = [duckdb, postgres, mysql]
