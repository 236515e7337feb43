import type { ReachAsk, Reached } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'

export async function reach(_connection: Connection, { address }: ReachAsk): Promise<Reached> {
  return { how: 'none', because: `DuckDB does not read ${address.kind} sources by itself here` }
}
