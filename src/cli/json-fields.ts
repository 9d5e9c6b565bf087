/**
 * The members of a parsed JSON document that somebody may have changed, each taken out as what it must be. Called by read-report.ts and read-rotations.ts; throws
 * ShapeError, whose message says what is wrong and which member it is about.
 */

export type Fields = Readonly<Record<string, unknown>>;

export class ShapeError extends Error {}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asFields(value: unknown, where: string): Fields {
  if (!isFields(value)) throw new ShapeError(`an entry of ${where} is no object`);
  return value;
}

export function fieldsOf(entry: Fields, name: string): Fields {
  const value = entry[name];
  if (!isFields(value)) throw new ShapeError(`${name} is no object`);
  return value;
}

export function listOf(entry: Fields, name: string): readonly unknown[] {
  const value = entry[name];
  if (!Array.isArray(value)) throw new ShapeError(`${name} is no list`);
  return value;
}

export function textOf(entry: Fields, name: string): string {
  const value = entry[name];
  if (typeof value !== 'string') throw new ShapeError(`${name} is no text`);
  return value;
}

export function numberOf(entry: Fields, name: string): number {
  const value = entry[name];
  if (typeof value !== 'number') throw new ShapeError(`${name} is no number`);
  return value;
}

export function oneOf<Choice extends string>(entry: Fields, name: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === entry[name]);
  if (found === undefined) throw new ShapeError(`${name} is none of ${choices.join(', ')}`);
  return found;
}

/** Returns the field if it is a text, else nothing. */
export function optional<Name extends string>(entry: Fields, name: Name): { readonly [key in Name]?: string } {
  const value = entry[name];
  return (typeof value === 'string' ? { [name]: value } : {}) as { readonly [key in Name]?: string };
}
