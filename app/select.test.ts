import { expect, test } from 'vitest'
import type { DatasetSpec, ProjectSpec } from '../core/spec.ts'
import { selectDatasets, selectPipelines } from './select.ts'

const dataset = (pipeline: string, name: string) => ({ pipeline, name }) as DatasetSpec
const project = {
  pipelines: [
    { name: 'shop', datasets: [dataset('shop', 'customers'), dataset('shop', 'orders')] },
    { name: 'crm', datasets: [dataset('crm', 'contacts')] },
  ],
} as ProjectSpec

test('no name selects everything, a pipeline its datasets, each once', () => {
  expect(selectDatasets(project, []).map((it) => it.name)).toEqual(['customers', 'orders', 'contacts'])
  expect(selectDatasets(project, ['shop.orders', 'shop']).map((it) => it.name)).toEqual([
    'customers',
    'orders',
  ])
})

test('an unknown name is an error with the nearest', () => {
  expect(() => selectDatasets(project, ['shop.order'])).toThrow('Did you mean "shop.orders"?')
  expect(() => selectPipelines(project, ['shp'])).toThrow('Did you mean "shop"?')
})
