/**
 * Reads leakwarden.toml: text to checked, typed data with the line of every key. Never executes anything. The parser and the schema are loaded only when
 * there is a file. Called by settings.ts.
 */
import { dirname } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { Confidence, Severity } from '../core/rule.ts';
import type { KeyPath, Schema } from './check-schema.ts';
import type { ConfigPlace } from './find-config.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';

export type FailOn = 'any' | 'live' | 'never';

export type InlineRule = {
  readonly id: string;
  readonly pattern: string;
  readonly keywords: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly severity?: Severity;
};

/** The file as config-schema.json has it. */
export type ConfigFile = {
  readonly baseline?: string;
  readonly scan?: {
    readonly 'exclude'?: readonly string[];
    readonly 'min-confidence'?: Confidence;
    readonly 'threads'?: number;
    readonly 'binary'?: boolean;
    readonly 'max-decode-depth'?: number;
    readonly 'max-archive-depth'?: number;
  };
  readonly rules?: { readonly disable?: readonly string[]; readonly only?: readonly string[]; readonly files?: readonly string[] };
  readonly report?: { readonly 'fail-on'?: FailOn };
  readonly check?: { readonly with?: 'stores' | 'none'; readonly guessable?: boolean };
  readonly allow?: readonly { readonly id?: string; readonly rule?: string; readonly path?: string; readonly reason?: string }[];
  readonly rule?: readonly InlineRule[];
};

export type Config = ConfigPlace & {
  /** Absolute: paths and globs in the file count from here. */
  readonly folder: string;
  readonly file: ConfigFile;
  /** Returns the line of a key, from 1. */
  readonly lineOf: (at: KeyPath) => number;
};

/** A configuration nests three deep. */
const MAX_DEPTH = 8;

/** Reads and checks a file. `root` bounds files that came with a repository. Throws ToolError `config-unreadable` and `config-invalid`. */
export async function readConfig(place: ConfigPlace, root: string): Promise<Config> {
  let text: string;
  try {
    text = readText(place.path, MAX_CONFIG_BYTES, place.isTrusted ? null : root);
  } catch (error) {
    throw new ToolError('config-unreadable', { path: place.shown, reason: shortReason(error) }, { cause: error });
  }
  const { file, lineOf } = await parseConfig(text, place.shown);
  return { ...place, folder: dirname(place.path), file, lineOf };
}

/** Returns the checked data of a text; `shown` is its path in messages. The first fault is thrown. */
export async function parseConfig(text: string, shown: string): Promise<Pick<Config, 'file' | 'lineOf'>> {
  const [{ parse, TomlError }, { checkSchema }, { findLines }, { default: schema }] = await Promise.all([
    import('smol-toml'),
    import('./check-schema.ts'),
    import('./toml-lines.ts'),
    import('./config-schema.json', { with: { type: 'json' } }),
  ]);
  let value: unknown;
  try {
    value = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with an excerpt of the file, which may hold anything.
    const reason = (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
    throw new ToolError('config-invalid', { path: shown, line: error.line, reason }, { cause: error });
  }
  const lineOf = findLines(text);
  const [fault] = checkSchema(value, schema as Schema);
  if (fault !== undefined) throw new ToolError('config-invalid', { path: shown, line: lineOf(fault.at), reason: fault.reason });
  return { file: value as ConfigFile, lineOf };
}
