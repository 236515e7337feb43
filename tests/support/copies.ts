import { expect } from 'vitest'
import { openProject, type Polder } from '../../app/index.ts'
import type { DatasetRun } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { counterFaults } from './oracle.ts'
import type { TestProject } from './project.ts'
import { inWarehouse, type TestWarehouse, unifiedRows } from './warehouse.ts'

/** A project of one dataset, worked on in this process. */
export interface CopyStand {
  polder<T>(work: (it: Polder) => Promise<T>): Promise<T>
  /** Insists that the dataset did not fail. */
  run(full?: boolean): Promise<DatasetRun>
  /** Rows of `party` and of `identifier`, with counters that hold. */
  shown(): Promise<Row[][]>
}

/** @param of  as it is when it is asked: each test may have a project of its own */
export function copyStand(of: () => { project: TestProject; warehouse: TestWarehouse }): CopyStand {
  const { signal } = new AbortController()
  const polder: CopyStand['polder'] = async (work) => {
    const { project } = of()
    const it = await openProject(project.root, { env: project.env })
    return work(it).finally(() => it.close())
  }
  return {
    polder,
    async run(full = false) {
      const report = await polder((it) => it.run([], { full, allowShrink: false, signal, onEvent: () => {} }))
      const [only] = report.datasets
      expect(only!.problem).toBeUndefined()
      return only!
    },
    shown: () =>
      inWarehouse(of().warehouse, async (session) => {
        expect(await counterFaults(session)).toEqual([])
        return [await unifiedRows(session, 'party'), await unifiedRows(session, 'identifier')]
      }),
  }
}
