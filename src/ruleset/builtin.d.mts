/** Made by src/build/build.mjs: what the bundle embeds, and where the files beside it lie. */
/** The kernel's WebAssembly, base64. */
export const kernel: string;
/**
 * The folder of the built files. `rules.compiled`: the built-in rules, compiled (packed.ts);
 * `rules.json`: all rules as they stand in rules/, read for help and for compiling a user's beside them. Files, not strings in the bundle: JavaScript is
 * parsed at every start.
 */
export const folder: string;
