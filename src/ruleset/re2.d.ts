/** The optional addon, whose own declarations are only there when it could be installed. */
declare module 're2' {
  // biome-ignore lint/style/noDefaultExport: so the addon exports it
  export default class RE2 extends RegExp {
    constructor(source: string, flags?: string);
  }
}
