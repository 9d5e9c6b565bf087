/** The optional addon, whose own declarations are only there when it could be installed. */
declare module 're2' {
  export default class RE2 extends RegExp {
    constructor(source: string, flags?: string);
  }
}
