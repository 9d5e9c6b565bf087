/** The little of WebAssembly's interface that load.ts needs: TypeScript has it in its DOM library alone, which a command-line tool does not want. */
// biome-ignore lint/style/noNamespace: the global is a namespace
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    constructor(size: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
}
