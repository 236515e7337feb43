import type { ProjectSpec } from '../core/spec.ts'
import type { WarehouseSession } from '../core/warehouse.ts'
import { registry } from './registry.ts'

/** @param temporary tests run in a throw-away embedded warehouse, whatever the project's own is */
export function openWarehouse(project: ProjectSpec, temporary: boolean): Promise<WarehouseSession> {
  const { type, options, schema, internal } = project.warehouse
  const kind = registry.warehouses[temporary ? 'duckdb' : type]!
  return kind.open({ options: temporary ? {} : options, root: project.root, schema, internal, temporary })
}
