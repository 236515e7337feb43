/**
 * Files in the project's folder: CSV, JSON lines and JSON, also gzipped, and Parquet.
 *
 * Source  https://www.rfc-editor.org/rfc/rfc4180, https://jsonlines.org, https://parquet.apache.org/docs/
 * Paging  streamed; resumed by file and row, as long as no file of the dataset changed
 * Cursor  none: files are read in full
 * Blind   nothing; a file that changes while it is read fails the read
 */
import { defineConnector, option } from '../../sdk/index.ts'
import { FORMATS } from './format.ts'
import { filesReader } from './reader.ts'
import { ENCODINGS } from './text.ts'

export const files = defineConnector({
  name: 'files',
  title: 'Files: CSV, JSON and Parquet',
  local: true,
  options: {
    path: option.path('File, folder or pattern, as ./data/*.csv.gz'),
    format: option.choice('Default: by name (.csv .tsv .jsonl .ndjson .json, also .gz; .parquet)', FORMATS, {
      required: false,
    }),
    delimiter: option.text('Between fields; default: comma, in .tsv tab', { required: false, example: ';' }),
    quote: option.text('Around fields; empty for none', { default: '"' }),
    header: option.boolean('The first line holds the names; else they are column_1, column_2 …', {
      default: true,
    }),
    encoding: option.choice('Of the text', ENCODINGS, { default: 'utf-8' }),
    null: option.text('Unquoted text that is NULL', { default: '', example: '\\N' }),
    timezone: option.timezone('Zone of times that carry none', { required: false }),
  },
  open: ({ connection, options, root }) => filesReader(options, root, connection),
})
