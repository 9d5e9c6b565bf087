/** Made by src/build/build.mjs: what the bundle embeds, and how the files beside it are read. */
/** Of the kernel and the rules together: `rules.compiled` must say the same. */
export const build: string;
/** The kernel's WebAssembly, base64. */
export const kernel: string;
/**
 * Reads a built file. `rules.compiled`: the built-in rules, compiled (packed.ts);
 * `rules.json`: all rules as they stand in rules/, read for help and for compiling a user's beside them. Files, not strings in the bundle: JavaScript is
 * parsed at every start. The Action's bundle alone has them inside.
 */
export const readBuilt: (name: 'rules.compiled' | 'rules.json') => Buffer;
