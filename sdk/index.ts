/** The contributor's door: what a connector needs, our words included. */

export type {
  Batch,
  BrokenRow,
  Checkpoint,
  Column,
  Payload,
  Position,
  Range,
  Settling,
} from '../core/batch.ts'
export { Op } from '../core/batch.ts'
export type {
  Connector,
  ConnectorContext,
  DatasetRequest,
  ReadAsk,
  SourceReader,
  SplitWant,
} from '../core/connector.ts'
export * from '../core/errors.ts'
export type { DatasetFacts, Field, FieldType, JsonShape, RowSchema } from '../core/field.ts'
export type { OptionSet, OptionSpec } from '../core/options.ts'
export type { CsvMeasure, CsvWriting, FileAddress, ServerAddress, SourceAddress } from '../core/reach.ts'
export type { Json, Row, Value } from '../core/value.ts'
export {
  batches,
  excerptOf,
  MAX_BATCH_BYTES,
  MAX_BATCH_ROWS,
  MAX_ROW_BYTES,
  type RowsOf,
} from './batches.ts'
export { type ConnectorDefinition, defineConnector } from './define-connector.ts'
export { noteReader, noteWriter, readersGone, writerOf } from './open-databases.ts'
export { type OptionValues, option } from './option.ts'
export { spillFolder } from './spill-folder.ts'
export { identifiedAs, isTlsFault, tlsRemedy } from './tls.ts'
