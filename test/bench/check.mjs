// Collects what must hold. A benchmark whose counts are wrong measures something else, so the run ends with exit code 1.

export class Checks {
  failures = [];
  passed = 0;

  equal(what, actual, expected) {
    this.holds(
      what,
      JSON.stringify(actual) === JSON.stringify(expected),
      `${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
    );
  }

  holds(what, isTrue, otherwise) {
    if (isTrue) this.passed += 1;
    else this.failures.push(`${what}: ${otherwise}`);
  }
}
