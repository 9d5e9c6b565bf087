/** Made by src/build/build.mjs: what the bundle embeds, and where the files beside it lie. */
/** Of the kernel and the rules together: `rules.compiled` must say the same. */
export const build: string;
/** The kernel's WebAssembly, base64. */
export const kernel: string;
/**
 * The folder of the built files. `rules.compiled`: the built-in rules, compiled (packed.ts);
 * `rules.json`: all rules as they stand in rules/, read for help and for compiling a user's beside them. Files, not strings in the bundle: JavaScript is
 * parsed at every start.
 */
export const folder: string;
