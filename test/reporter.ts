/**
 * Ends a test run with the plain line `N passed, N failed`, which .ci/run and continuous integration read; vitest's own summary
 * is not a form that they count. Before it the table of the stores' contract, where that ran. Skipped tests stand on lines of their own before it, with their reasons, so that nothing is skipped silently.
 */
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import { contractTable } from './contract-table.ts';

export class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const totals = countTests(modules);
    const failed = totals.failed + unhandledErrors.length;
    const skipped = [...totals.skipped.values()].reduce((sum, count) => sum + count, 0);
    const lines: string[] = contractTable(modules);
    if (lines.length > 0) lines.push('');
    if (skipped > 0) {
      lines.push(`${skipped} skipped:`);
      for (const [reason, count] of totals.skipped) lines.push(`  ${count}  ${reason}`);
    }
    lines.push(`${totals.passed} passed, ${failed} failed`);
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}

type Totals = { passed: number; failed: number; skipped: Map<string, number> };

/** Counts tests; a test file or suite that broke outside of its tests counts as one failed test. */
function countTests(modules: readonly TestModule[]): Totals {
  const totals: Totals = { passed: 0, failed: 0, skipped: new Map() };
  for (const module of modules) {
    if (module.errors().length > 0) totals.failed += 1;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) totals.failed += 1;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') totals.passed += 1;
      else if (result.state === 'failed') totals.failed += 1;
      else {
        const reason = (result.state === 'skipped' && result.note) || skippedBy(test);
        totals.skipped.set(reason, (totals.skipped.get(reason) ?? 0) + 1);
      }
    }
  }
  return totals;
}

/** Returns the name of the outermost suite that was skipped with the test in it, or the test's own: names of what may be skipped say what it needs. */
function skippedBy(test: TestCase): string {
  let name = test.fullName;
  for (let up = test.parent; up.type === 'suite'; up = up.parent) if (up.options.mode === 'skip') name = up.fullName;
  return name;
}
