/**
 * Tells V8 to optimise less of the program, where several threads scan: that is mostly the kernel, and what runs beside it is much code that each runs for a few
 * milliseconds, in every thread anew. Called by a scanning thread when it begins (worker.ts); it counts for the whole process.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of byte code that a function runs through before V8 optimises it; its own number is 67,584 (Node 20). With that, optimising took 22 % of the CPU time of a scan
 * of 20,000 files, on threads beside those that scan (docs/bench/README.md, "tree"). One thread alone has a core free for it.
 */
const INTERRUPT_BUDGET = 1_000_000;

/** The V8 of Node 20. Later ones count invocations instead of byte code, have an optimiser in between, and complain on stderr of a flag that they do not know. */
const COUNTS_BYTE_CODE = /^11\./;

/** Not before the thread has started: V8 takes no code that was cached with other flags, Node's own neither. */
export function optimizeLess(): void {
  if (COUNTS_BYTE_CODE.test(process.versions.v8)) setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
