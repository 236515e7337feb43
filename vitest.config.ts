import { defineConfig } from 'vitest/config'

const NEVER = ['**/node_modules/**', '**/dist/**']
const JOURNEYS = ['tests/journeys/**/*.test.ts', 'tests/pairs/**/*.test.ts']
const SERVERS = './tests/support/global-setup.ts'

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/closing-line.ts'],
    projects: [
      { test: { name: 'floors', include: ['tests/floors.test.ts'] } },
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...NEVER, 'tests/floors.test.ts', ...JOURNEYS],
          globalSetup: SERVERS,
          // Mappings of tests run too seldom to change over to generated code by themselves.
          env: { POLDER_TEST_BACK_END: process.env['POLDER_TEST_BACK_END'] ?? 'generated' },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: JOURNEYS,
          globalSetup: SERVERS,
          // Journeys start processes of their own and use the servers hard: after the unit tests, two at a time.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
