/** Made by src/build/build.mjs: the kernel and the built-in rules, ready to run, embedded in the bundle. */
/** The kernel's WebAssembly, base64. */
export const kernel: string;
/** Tables of the built-in rules, base64. */
export const image: string;
/** JSON of `{ rules, programs }` of CompiledRuleset. */
export const compiled: string;
/** JSON of all rules as they stand in rules/, for help and for compiling a user's beside them. */
export const sources: string;
