/** The shapes of `--json`; `output.schema.json` is made of them. At run time only their types are used. */
import { z } from 'zod'

const problem = z.strictObject({
  code: z.string().describe('Explained by: polder explain <code>'),
  severity: z.enum(['error', 'warning']),
  file: z.string().nullable().describe('Relative to the project, with forward slashes'),
  line: z.int().nullable().describe('From 1'),
  column: z.int().nullable().describe('From 1, in UTF-16 units'),
  length: z.int().nullable(),
  problem: z.string(),
  remedy: z.string().nullable().describe('The next step'),
  note: z.string().nullable().describe('What would have happened'),
})

const row = z.record(z.string(), z.unknown())
const instant = z.string().describe('ISO 8601 UTC')
const counts = z
  .strictObject({
    read: z.int(),
    loaded: z.int(),
    unchanged: z.int(),
    superseded: z.int(),
    filtered: z.int(),
    rejected: z.int(),
  })
  .describe('Source rows; read is the sum of the other five')
const runStatus = z.enum(['running', 'ok', 'failed', 'interrupted', 'killed'])
const road = z.enum(['view', 'pushdown', 'stream'])
const readMode = z.enum(['full', 'incremental', 'resume', 'unchanged', 'view'])
const relationKind = z.enum(['table', 'view', 'file', 'endpoint'])

const datasetRun = z.strictObject({
  dataset: z.string(),
  status: runStatus,
  road,
  mode: readMode,
  startedAt: instant,
  endedAt: instant.optional(),
  counts,
  deleted: z.int(),
  tables: z.record(z.string(), z.strictObject({ inserted: z.int(), updated: z.int(), deleted: z.int() })),
  commits: z.int(),
  cursor: z.string().optional().describe('Change mark up to which the dataset is complete'),
  problem: problem.optional(),
  failure: z.string().optional().describe('Class of the error behind problem, as AuthError'),
  warnings: z.array(problem),
})

const run = z.strictObject({
  runId: z.string(),
  status: runStatus,
  startedAt: instant,
  endedAt: instant.optional(),
  datasets: z.array(datasetRun),
  counts,
  exitCode: z.int(),
})

const shape = z
  .strictObject({
    count: z.int(),
    kinds: z.array(z.enum(['text', 'integer', 'decimal', 'boolean', 'object', 'list'])),
    get fields() {
      return z.record(z.string(), shape).optional()
    },
    objects: z.int().optional(),
    get items() {
      return shape.optional()
    },
  })
  .describe('What a sample showed: names and kinds, and how many values')

const field = z.strictObject({
  name: z.string(),
  type: z.string(),
  sourceType: z.string(),
  nullable: z.boolean(),
  optional: z.boolean().optional().describe('Files: not every row or later file has it'),
  description: z.string().optional(),
  shape: shape.optional(),
})

const plannedDataset = z.strictObject({
  dataset: z.string(),
  connection: z.string(),
  from: z.string(),
  road,
  roadWas: road.optional(),
  because: z.array(z.string()),
  obstacles: z.array(
    z.strictObject({
      what: z.string(),
      because: z.string(),
      file: z.string().optional(),
      line: z.int().optional(),
      column: z.int().optional(),
    }),
  ),
  notes: z.array(z.string()).describe('What to know before the view is used'),
  leftOut: z.int().optional(),
  key: z.array(z.string()),
  cursor: z.string().optional(),
  reads: z.strictObject({
    mode: readMode,
    from: z.string().optional(),
    rows: z.number().optional().describe('Estimate'),
    fields: z.array(z.string()),
  }),
  deletes: z.strictObject({
    next: z
      .enum(['full', 'scan', 'later', 'none'])
      .describe(
        'What finds deleted rows: this full read, a key scan after this reading, a later one, nothing',
      ),
    scanAt: instant.optional().describe('When the next key scan is due'),
    told: z.enum(['expression', 'source']).optional().describe('What marks or tells single deleted rows'),
    because: z.string(),
  }),
  nullMarks: z.int().optional(),
  parts: z.array(
    z.strictObject({
      table: z.string(),
      relation: z.string(),
      state: z.enum(['new', 'live']),
      columns: z.array(z.string()),
      appendOn: z.array(z.string()).optional().describe('Columns whose change adds a row'),
    }),
  ),
  mapping: z.strictObject({ hash: z.string(), changed: z.boolean() }),
  contract: z
    .strictObject({
      word: z.enum(['evolve', 'freeze', 'discard_row', 'discard_value']),
      changes: z.array(
        z.strictObject({
          field: z.string(),
          change: z.enum(['added', 'removed', 'retyped']),
          was: z.string().optional(),
          now: z.string().optional(),
          used: z.boolean().describe('Named by the mapping, the key or the cursor'),
          effect: z.enum(['accepted', 'rejects rows', 'leaves out values', 'told', 'stops']),
        }),
      ),
    })
    .describe('How the source differs from what it was last read with'),
})

const paths = z.array(z.string())

const lineageTarget = z.strictObject({
  dataset: z.string(),
  connection: z.string(),
  from: z.string(),
  table: z.string(),
  as: z.string().optional(),
  rows: paths.describe('Paths that decide which rows there are'),
  columns: z.array(
    z.strictObject({
      column: z.string(),
      expression: z.string().optional(),
      constant: z.union([z.string(), z.number(), z.boolean()]).optional(),
      data: paths.describe('Paths in the source row, as JSONata writes them; "$" is the whole row'),
      control: paths.describe('Paths that decide the value: conditions, predicates, sort keys'),
      open: z.boolean().describe('True where the names are only known when a row is read'),
    }),
  ),
})

const reject = z.strictObject({
  id: z.string(),
  runId: z.string(),
  dataset: z.string(),
  sourceId: z.string(),
  code: z.string(),
  table: z.string().optional(),
  column: z.string().optional(),
  reason: z.string(),
  createdAt: instant,
  row: z.unknown().describe('Masked unless --reveal was given'),
})

const codePage = z.strictObject({
  code: z.string(),
  title: z.string(),
  meaning: z.string(),
  next: z.string(),
})

/** The result of each command. */
const results = {
  init: z.strictObject({ root: z.string(), files: z.array(z.string()) }),
  'connect test': z.strictObject({
    connections: z.array(
      z.strictObject({
        connection: z.string(),
        connector: z.string(),
        ok: z.boolean(),
        answer: z.string().optional(),
        millis: z.number(),
        problem: problem.optional(),
      }),
    ),
  }),
  'connect discover': z.strictObject({
    connection: z.string(),
    datasets: z
      .array(
        z.strictObject({
          from: z.string(),
          kind: relationKind,
          rows: z.number().optional(),
          description: z.string().optional(),
        }),
      )
      .optional(),
    dataset: z
      .strictObject({
        from: z.string(),
        schema: z.strictObject({
          fields: z.array(field),
          open: z.boolean().optional(),
          sampled: z.int().optional().describe('Rows of the sample that shapes were made of'),
        }),
        key: z.array(z.string()),
        keyProven: z.boolean(),
        tellsDeletes: z.boolean().optional(),
        cursor: z.string().optional(),
        kind: relationKind,
        rows: z.number().optional(),
        description: z.string().optional(),
      })
      .optional(),
  }),
  validate: z.strictObject({ files: z.int(), unchecked: z.array(z.string()) }),
  plan: z.strictObject({
    warehouse: z.strictObject({
      type: z.string(),
      version: z.string(),
      schema: z.string(),
      internal: z.string(),
    }),
    datasets: z.array(plannedDataset),
    ddl: z.array(z.strictObject({ name: z.string(), sql: z.string() })),
  }),
  lineage: z.strictObject({ targets: z.array(lineageTarget) }),
  preview: z.strictObject({
    dataset: z.string(),
    rows: z.array(
      z.strictObject({
        in: row,
        fate: z.enum(['load', 'filtered', 'rejected']),
        out: z.record(z.string(), z.array(row)),
        reject: z
          .strictObject({
            code: z.string(),
            reason: z.string(),
            table: z.string().optional(),
            column: z.string().optional(),
          })
          .optional(),
      }),
    ),
  }),
  eval: z.strictObject({
    expression: z.string(),
    dataset: z.string().optional().describe('Whose rows it was tried on'),
    type: z.string().describe('In words, for people'),
    data: paths.describe('Paths in the input whose values it shows; "$" is the whole input'),
    control: paths.describe('Paths that decide the value: conditions, predicates, sort keys'),
    open: z.boolean().describe('True where the names are only known when a row is read'),
    road: z.discriminatedUnion('runs', [
      z.strictObject({
        runs: z.literal('compiled'),
        backEnd: z
          .enum(['direct', 'closures', 'generated'])
          .describe('direct: taken as it is. generated: closures, and generated code where it runs often'),
      }),
      z.strictObject({ runs: z.literal('interpreter'), because: z.string() }),
    ]),
    sql: z
      .strictObject({
        warehouse: z.string().describe('Its kind'),
        verdict: z.enum(['exact', 'guarded', 'close', 'not', 'unknown']),
        because: z.string(),
        part: z.string().optional().describe('What of the expression stands in the way'),
        sql: z.string().optional(),
        guard: z.string().optional().describe('Where it holds, the value is the same as in JavaScript'),
        viewable: z.boolean().optional().describe('False where it depends on settings of the session'),
      })
      .optional()
      .describe(
        'On a dataset: how the warehouse of the project would say it, before it is fitted into a column',
      ),
    rows: z.array(
      z.strictObject({
        outcome: z.enum(['value', 'missing', 'failed']),
        value: z.unknown().optional(),
        micros: z.number().optional().describe('Microseconds for one evaluation, the median of many'),
        problem: problem.optional(),
      }),
    ),
  }),
  run,
  status: z.strictObject({
    datasets: z.array(
      z.strictObject({
        dataset: z.string(),
        lastRun: z
          .strictObject({
            runId: z.string(),
            status: runStatus,
            endedAt: instant.optional(),
            counts,
            problem: problem.optional(),
          })
          .optional(),
        freshAt: instant.optional(),
        openRejects: z.int(),
        inPlace: z.boolean().optional(),
        broken: problem.optional(),
        drift: problem.optional(),
        schedule: z.string().optional(),
        holder: z.string().optional(),
      }),
    ),
  }),
  'runs list': z.strictObject({ runs: z.array(run) }),
  'runs show': run,
  schedule: z.strictObject({ runs: z.int(), failed: z.int() }),
  'rejects list': z.strictObject({
    groups: z.array(
      z.strictObject({
        code: z.string(),
        table: z.string().nullable(),
        column: z.string().nullable(),
        count: z.int(),
      }),
    ),
    rejects: z.array(reject),
  }),
  test: z.strictObject({
    passed: z.int(),
    failed: z.int(),
    tests: z.array(
      z.strictObject({
        pipeline: z.string(),
        name: z.string(),
        passed: z.boolean(),
        place: z.string(),
        differences: z.array(z.string()),
        problems: z.array(problem),
      }),
    ),
  }),
  explain: z.strictObject({ codes: z.array(codePage) }),
  /** The command line itself was not understood. */
  polder: z.null(),
}

type Command = keyof typeof results

const answer = <Name extends Command>(command: Name) =>
  z.strictObject({
    polder: z.literal(1).describe('Version of this format'),
    command: z.literal(command),
    ok: z.boolean().describe('True for exit codes 0 and 3'),
    exitCode: z.int(),
    result: results[command].nullable().describe('null where the command failed before it had one'),
    problems: z.array(problem),
  })

const [first, ...others] = (Object.keys(results) as Command[]).map(answer)

export const output = z.discriminatedUnion('command', [first!, ...others])

/** As committed in `output.schema.json`. */
export const outputJsonSchema = () => z.toJSONSchema(output, { reused: 'ref' })

export type Envelope = z.infer<typeof output>
export type FlatRun = z.infer<typeof run>
export type ResultOf<Name extends Command> = z.infer<(typeof results)[Name]>
