/** Keys of a target that are no columns. */
export const TARGET_KEYS = ['as', 'when', 'each', 'key', 'attributes', 'append_on', 'same_as'] as const

/** How often and how far a dataset is read. */
const CADENCE_KEYS = ['start', 'lookback', 'full', 'deletes', 'key_scan', 'remap', 'contract'] as const

export const DATASET_KEYS = [
  'from',
  'key',
  'cursor',
  'load',
  'doubles',
  'where',
  'with',
  'timezone',
  ...CADENCE_KEYS,
  'to',
] as const

export const COLUMN_FORM_KEYS = ['is', 'from', 'map', 'default', 'invalid', 'zone'] as const

export const PIPELINE_KEYS = [
  'pipeline',
  'connection',
  'schedule',
  'key_scan',
  'contract',
  'defaults',
  'datasets',
  'tests',
] as const
