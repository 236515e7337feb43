import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/** Ends the run with `N passed, N failed, N skipped` on a line of its own. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const { passed, failed, skipped } = tally(modules, unhandled.length)
    // A run that broke before its tests began (no server could be started) has no failed test to show for it.
    const broken = reason !== 'passed' && failed === 0 ? 1 : 0
    process.stdout.write(`\n${passed} passed, ${failed + broken} failed, ${skipped} skipped\n`)
  }
}

/** A file that breaks outside its tests, and an error that no test owns, count as failures too. */
function tally(modules: readonly TestModule[], unhandled: number) {
  const count = { passed: 0, failed: unhandled, skipped: 0 }
  for (const module of modules) {
    if (module.errors().length > 0) count.failed += 1
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed += 1
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // A test that never got its turn has not passed.
      if (state === 'pending') count.failed += 1
      else count[state] += 1
    }
  }
  return count
}
