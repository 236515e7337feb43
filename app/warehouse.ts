import type { ProjectSpec } from '../core/spec.ts'
import type { WarehouseSession } from '../core/warehouse.ts'
import { registry } from './registry.ts'

/** An embedded warehouse is a file that the first run makes. */
export const isWarehouseMade = async (project: ProjectSpec): Promise<boolean> => {
  const { type, options, schema, internal } = project.warehouse
  const context = { options, root: project.root, schema, internal }
  return (await registry.warehouses[type]!.isMade?.(context)) ?? true
}

/** @param temporary tests run in a throw-away embedded warehouse, whatever the project's own is */
export function openWarehouse(project: ProjectSpec, temporary: boolean): Promise<WarehouseSession> {
  const { type, options, schema, internal } = project.warehouse
  const kind = registry.warehouses[temporary ? 'duckdb' : type]!
  return kind.open({ options: temporary ? {} : options, root: project.root, schema, internal, temporary })
}
