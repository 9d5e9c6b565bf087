/**
 * Checks a parsed configuration against config-schema.json and says what is wrong in words. An interpreter of the few keywords of JSON
 * Schema 2020-12 that the schema uses; a test holds it against ajv. Called by config-file.ts.
 */
import { didYouMean } from './nearest-word.ts';

export type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly { readonly required: readonly string[] }[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
};

/** Keys and indices from the top. */
export type KeyPath = readonly (string | number)[];

export type Fault = { readonly at: KeyPath; readonly reason: string };

/** The schema's own patterns as literals: no text of a file becomes a regular expression. */
const PATTERNS: Readonly<Record<string, { readonly test: RegExp; readonly words: string }>> = {
  '^[0-9a-f]{32}$': { test: /^[0-9a-f]{32}$/, words: 'the id of a finding (32 hexadecimal characters)' },
  '^[a-z0-9]+(-[a-z0-9]+)*$': { test: /^[a-z0-9]+(?:-[a-z0-9]+)*$/, words: 'in kebab-case (my-rule)' },
};

/** Returns the faults, in the order of the file's keys; empty when the value fits. */
export function checkSchema(value: unknown, schema: Schema, at: KeyPath = []): Fault[] {
  const fault = (reason: string): Fault[] => [{ at, reason: `${nameOf(at)} ${reason}` }];
  if (schema.enum !== undefined) {
    if (typeof value === 'string' && schema.enum.includes(value)) return [];
    const suggestion = typeof value === 'string' ? didYouMean(value, schema.enum) : '';
    return fault(`must be one of ${schema.enum.join(', ')}${suggestion}`);
  }
  switch (schema.type) {
    case 'object':
      return isTable(value) ? checkTable(value, schema, at) : fault('must be a table');
    case 'array':
      return Array.isArray(value) ? checkList(value, schema, at) : fault('must be a list');
    case 'string':
      return typeof value === 'string' ? checkText(value, schema).flatMap(fault) : fault('must be a string');
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault('must be true or false');
    case 'integer': {
      const { minimum = -Infinity, maximum = Infinity } = schema;
      const isInside = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
      return isInside ? [] : fault(`must be a whole number from ${minimum} to ${maximum}`);
    }
    default:
      return [];
  }
}

/** Returns `rule[2].pattern`, or `the file` for the top. */
export function nameOf(at: KeyPath): string {
  const name = at.map((key) => (typeof key === 'number' ? `[${key + 1}]` : `.${key}`)).join('');
  return name === '' ? 'the file' : name.replace(/^\./, '');
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function checkTable(value: Readonly<Record<string, unknown>>, schema: Schema, at: KeyPath): Fault[] {
  const { properties = {}, required = [], anyOf } = schema;
  const faults: Fault[] = [];
  for (const [key, member] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (inner !== undefined) faults.push(...checkSchema(member, inner, [...at, key]));
    else faults.push({ at: [...at, key], reason: `unknown key ${nameOf([...at, key])}${didYouMean(key, Object.keys(properties))}` });
  }
  for (const key of required) if (!Object.hasOwn(value, key)) faults.push({ at, reason: `${nameOf(at)} needs ${key}` });
  if (anyOf !== undefined && !anyOf.some((choice) => choice.required.every((key) => Object.hasOwn(value, key)))) {
    faults.push({ at, reason: `${nameOf(at)} needs at least one of ${anyOf.flatMap((choice) => choice.required).join(', ')}` });
  }
  return faults;
}

function checkList(value: readonly unknown[], { items = {}, minItems = 0, maxItems = Infinity }: Schema, at: KeyPath): Fault[] {
  if (value.length > maxItems) return [{ at, reason: `${nameOf(at)} has more than ${maxItems} entries` }];
  if (value.length < minItems) return [{ at, reason: `${nameOf(at)} is empty` }];
  return value.flatMap((member, index) => checkSchema(member, items, [...at, index]));
}

/** Lengths are counted in code points, as JSON Schema has it. */
function checkText(value: string, { pattern, minLength = 0, maxLength = Infinity }: Schema): string[] {
  const length = Array.from(value).length;
  if (length < minLength) return [minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`];
  if (length > maxLength) return [`must have at most ${maxLength} characters`];
  const known = pattern === undefined ? undefined : PATTERNS[pattern];
  return known === undefined || known.test.test(value) ? [] : [`must be ${known.words}`];
}
