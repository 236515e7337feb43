/** Benches: `npm run bench -- loader`. Starts throw-away servers unless POLDER_TEST_*_URL name some. */
import { parseArgs } from 'node:util'
import startServers from '../../tests/support/global-setup.ts'
import { WAREHOUSES, type WarehouseName } from '../../tests/support/warehouse.ts'
import { benchLoader } from './loader.ts'
import { type Line, print } from './measure.ts'
import { benchMemory, benchNoChange, benchRun } from './run.ts'

const USAGE = `npm run bench -- loader   [--rows 1000000] [--rounds 3] [--only postgres,duckdb,mysql]
              run      [--rows 200000] [--only postgres-duckdb,csv-duckdb …]
              memory   [--rows 1000000] [--only postgres-duckdb,postgres-postgres,csv-duckdb]
              nochange [--rows 2000000] [--only postgres-duckdb,mysql-postgres …]
Each with --json for a machine.
`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const rows = (otherwise: number): number => Number(values.rows ?? otherwise)
const warehouses = (values.only?.split(',') ?? WAREHOUSES) as WarehouseName[]

const benches: Record<string, () => Promise<Line[]>> = {
  loader: () => benchLoader({ rows: rows(1_000_000), rounds: Number(values.rounds ?? 3), only: warehouses }),
  run: () => benchRun(rows(200_000), values.only),
  memory: () => benchMemory(rows(1_000_000), values.only),
  nochange: () => benchNoChange(rows(2_000_000), values.only),
}

const bench = benches[positionals[0] ?? '']
if (bench === undefined) {
  process.stderr.write(USAGE)
  process.exitCode = 64
} else {
  const stop = await startServers()
  try {
    print(await bench(), values.json)
  } finally {
    await stop()
  }
}
