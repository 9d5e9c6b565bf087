/**
 * What a scan is to do: defaults < leakwarden.toml < environment (LEAKWARDEN_*) < options. Lists add up, except `only`, where the nearest counts.
 * A configuration that was found, not named, came with the scanned repository: what it takes away from the report is put into `notices`,
 * which the commands print. Called by the commands; suppress-settings.ts reads the files that are named here.
 */
import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { CONFIDENCES, type Confidence } from '../core/rule.ts';
import { compileGlob, type Glob, GlobError } from '../suppress/glob.ts';
import type { AllowEntry, Origin } from '../suppress/settings.ts';
import type { KeyPath } from './check-schema.ts';
import { type Config, type FailOn, type InlineRule, readConfig } from './config-file.ts';
import { findConfig } from './find-config.ts';
import { didYouMean } from './nearest-word.ts';

export const FAIL_ON = ['any', 'live', 'never'] as const;

/** Who is asked for verdicts. `issuers` and `all` send values over the network: the command line and the environment alone can say so. */
export const CHECKS = ['stores', 'issuers', 'all', 'none'] as const;
export type Check = (typeof CHECKS)[number];

/** Returns what is left of it for commands that never ask anybody. */
export function offline(check: Check | null): 'stores' | 'none' | null {
  if (check === 'all') return 'stores';
  return check === 'issuers' ? null : check;
}

/** More threads than that have never made a scan faster: reading is the limit. */
const MAX_DEFAULT_THREADS = 8;
const MAX_THREADS = 256;
/** Base64 of a JSON string in base64 is about what people make; each level costs only where there is something on it. */
const DEFAULT_DECODE_DEPTH = 3;
const MAX_DECODE_DEPTH = 16;
/** Why medium: docs/decisions/0008-confidence-tiers.md. */
const DEFAULT_CONFIDENCE: Confidence = 'medium';
/** An application server's archive holds applications, which hold libraries. */
const DEFAULT_ARCHIVE_DEPTH = 3;
const MAX_ARCHIVE_DEPTH = 16;

/** What the command line said; undefined and [] where it did not. */
export type SettingOptions = {
  readonly config?: string;
  readonly noConfig?: boolean;
  readonly threads?: string;
  readonly maxDecodeDepth?: string;
  readonly maxArchiveDepth?: string;
  readonly minConfidence?: string;
  readonly failOn?: string;
  readonly check?: string;
  readonly baseline?: string;
  readonly noBaseline?: boolean;
  readonly binary?: boolean;
  readonly rules?: readonly string[];
  readonly only?: readonly string[];
  readonly disable?: readonly string[];
};

/** A file that the user or a configuration names. `within`: the folder that it must not lead out of, for those of a found configuration. */
export type NamedFile = { readonly path: string; readonly shown: string; readonly within: string | null };

export type Settings = {
  readonly cwd: string;
  /** Absolute: globs and the paths in baselines count from here. */
  readonly root: string;
  readonly exclude: readonly { readonly glob: Glob; readonly from: Origin }[];
  readonly minConfidence: { readonly level: Confidence; readonly from: Origin };
  readonly threads: number;
  readonly binary: boolean;
  /** How many encodings inside of each other are decoded; 0: none. */
  readonly maxDecodeDepth: number;
  readonly archiveDepth: number;
  readonly only: readonly string[];
  readonly disable: readonly string[];
  readonly ruleFiles: readonly NamedFile[];
  readonly inlineRules: readonly { readonly rule: InlineRule; readonly from: Origin }[];
  readonly allow: readonly AllowEntry[];
  /** `found`: look for the usual file below the root; null: none is to be used. */
  readonly baseline: NamedFile | 'found' | null;
  /** False: nothing that lies in the repository is read for settings (--no-config). */
  readonly usesFoundFiles: boolean;
  readonly failOn: FailOn;
  /** null: the index of the stores, if there is one. */
  readonly check: Check | null;
  /** Whether values that can be guessed are compared with what the stores hold, where they stand in a password's place. */
  readonly comparesGuessable: boolean;
  /** Sentences for stderr: what a found configuration takes away from the report, and what is odd. */
  readonly notices: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES = [
  'CONFIG',
  'THREADS',
  'MAX_ARCHIVE_DEPTH',
  'MIN_CONFIDENCE',
  'FAIL_ON',
  'CHECK',
  'BASELINE',
  'BINARY',
  'MAX_DECODE_DEPTH',
  'RULES',
  'ONLY',
  'DISABLE',
] as const;
const PREFIX = 'LEAKWARDEN_';
/** Read by the guard (commands/guard.ts) and by what opens the index of the stores (index-files.ts). */
const OTHER_VARIABLES = ['LEAKWARDEN_SKIP', 'LEAKWARDEN_TIME_BUDGET', 'LEAKWARDEN_INDEX_KEY', 'LEAKWARDEN_INDEX_KEY_FILE'];

/** Returns the settings of one run. Throws ToolError of kind usage. */
export async function loadSettings(options: SettingOptions, env: Environment, cwd: string): Promise<Settings> {
  const variable = (name: (typeof VARIABLES)[number]): string | undefined => env[PREFIX + name] || undefined;
  const usesFoundFiles = options.noConfig !== true;
  const found = findConfig(cwd, options.config ?? variable('CONFIG') ?? null, usesFoundFiles);
  const config = found.config === null ? null : await readConfig(found.config, found.root);
  // A configuration that is shared between repositories speaks of paths in whichever is scanned.
  const root = config === null || config.isTrusted ? found.root : config.folder;
  const file = config?.file ?? {};
  const from = (at: KeyPath): Origin => (config === null ? '' : `${config.shown}:${config.lineOf(at)}`);

  const level = pick(CONFIDENCES, [
    ['--min-confidence', options.minConfidence],
    [`${PREFIX}MIN_CONFIDENCE`, variable('MIN_CONFIDENCE')],
    [from(['scan', 'min-confidence']), file.scan?.['min-confidence']],
  ]);
  const failOn = pick(FAIL_ON, [
    ['--fail-on', options.failOn],
    [`${PREFIX}FAIL_ON`, variable('FAIL_ON')],
    ['', file.report?.['fail-on']],
  ]);
  const check = pick(CHECKS, [
    ['--check', options.check],
    [`${PREFIX}CHECK`, variable('CHECK')],
    [from(['check', 'with']), file.check?.with],
  ]);
  const only = [options.only ?? [], words(variable('ONLY')), file.rules?.only ?? []].find((list) => list.length > 0) ?? [];
  const named = (path: string): NamedFile => ({ path: resolve(cwd, path), shown: path, within: null });
  return {
    cwd,
    root,
    exclude: (file.scan?.exclude ?? []).map((text, index) => ({
      glob: globOf(text, config, ['scan', 'exclude', index]),
      from: from(['scan', 'exclude', index]),
    })),
    minConfidence: level === null ? { level: DEFAULT_CONFIDENCE, from: 'default' } : { level: level.value, from: level.from },
    maxDecodeDepth:
      wholeNumber('MAX_DECODE_DEPTH', options.maxDecodeDepth, variable('MAX_DECODE_DEPTH'), 0, MAX_DECODE_DEPTH) ??
      file.scan?.['max-decode-depth'] ??
      DEFAULT_DECODE_DEPTH,
    archiveDepth:
      wholeNumber('MAX_ARCHIVE_DEPTH', options.maxArchiveDepth, variable('MAX_ARCHIVE_DEPTH'), 0, MAX_ARCHIVE_DEPTH) ??
      file.scan?.['max-archive-depth'] ??
      DEFAULT_ARCHIVE_DEPTH,
    threads: wholeNumber('THREADS', options.threads, variable('THREADS'), 1, MAX_THREADS) ?? file.scan?.threads ?? defaultThreads(),
    binary: options.binary ?? switchOf(variable('BINARY')) ?? file.scan?.binary ?? false,
    only,
    disable: [...new Set([...(file.rules?.disable ?? []), ...words(variable('DISABLE')), ...(options.disable ?? [])])],
    ruleFiles: [
      ...(file.rules?.files ?? []).map((path) => ofConfig(path, config, found.root)),
      ...[...(variable('RULES')?.split(delimiter) ?? []), ...(options.rules ?? [])].filter((path) => path !== '').map(named),
    ],
    inlineRules: (file.rule ?? []).map((rule, index) => ({ rule, from: from(['rule', index]) })),
    allow: (file.allow ?? []).map(({ id = null, rule = null, path, reason = null }, index) => {
      const glob = path === undefined ? null : globOf(path, config, ['allow', index, 'path']);
      return { id, rule, path: glob, reason, from: from(['allow', index]) };
    }),
    baseline: baselineOf(options, variable('BASELINE'), config, found.root, named),
    usesFoundFiles,
    failOn: failOn?.value ?? 'any',
    check: check?.value ?? null,
    comparesGuessable: file.check?.guessable ?? true,
    notices: [...narrowings(config), ...strangeVariables(env)],
  };
}

function baselineOf(
  options: SettingOptions,
  variable: string | undefined,
  config: Config | null,
  root: string,
  named: (path: string) => NamedFile,
): Settings['baseline'] {
  if (options.noBaseline === true) return null;
  const path = options.baseline ?? variable;
  if (path !== undefined) return named(path);
  const ofFile = config?.file.baseline;
  if (ofFile !== undefined) return ofConfig(ofFile, config, root);
  return options.noConfig === true ? null : 'found';
}

/** Paths in a configuration count from its folder; one that was found may only name files of its repository. */
function ofConfig(path: string, config: Config | null, root: string): NamedFile {
  return { path: resolve(config?.folder ?? root, path), shown: path, within: config?.isTrusted === true ? null : root };
}

function globOf(text: string, config: Config | null, at: KeyPath): Glob {
  try {
    return compileGlob(text);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    throw new ToolError('config-invalid', {
      path: config?.shown ?? '',
      line: config?.lineOf(at) ?? 0,
      reason: `${text}: ${error.message}`,
    });
  }
}

/** Returns the first value that was given, checked against the choices. */
function pick<Choice extends string>(
  choices: readonly Choice[],
  given: readonly (readonly [Origin, string | undefined])[],
): { value: Choice; from: Origin } | null {
  for (const [from, text] of given) {
    if (text === undefined) continue;
    const value = choices.find((choice) => choice === text);
    if (value !== undefined) return { value, from };
    throw new ToolError('bad-option', { message: `${from} must be one of ${choices.join(', ')}, not ${text}${didYouMean(text, choices)}` });
  }
  return null;
}

/** Returns the number that the option says, else the variable; null where neither does. */
function wholeNumber(
  variableName: (typeof VARIABLES)[number],
  option: string | undefined,
  variable: string | undefined,
  least: number,
  most: number,
): number | null {
  const text = option ?? variable;
  if (text === undefined) return null;
  const number = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  const name = option === undefined ? PREFIX + variableName : `--${variableName.toLowerCase().replaceAll('_', '-')}`;
  throw new ToolError('bad-option', { message: `${name} must be a whole number from ${least} to ${most}, not ${text}` });
}

function defaultThreads(): number {
  return Math.min(availableParallelism(), MAX_DEFAULT_THREADS);
}

function switchOf(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (/^(?:1|true|yes)$/i.test(text)) return true;
  if (/^(?:0|false|no)$/i.test(text)) return false;
  throw new ToolError('bad-option', { message: `${PREFIX}BINARY must be true or false, not ${text}` });
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/** Returns what a found configuration takes away, one sentence each: it came with the repository, and so perhaps from a stranger. */
function narrowings(config: Config | null): string[] {
  if (config === null || config.isTrusted) return [];
  const { shown, file } = config;
  const { disable = [], only = [] } = file.rules ?? {};
  const { exclude = [] } = file.scan ?? {};
  const level = file.scan?.['min-confidence'] ?? DEFAULT_CONFIDENCE;
  const failOn = file.report?.['fail-on'] ?? 'any';
  const allow = file.allow ?? [];
  const depth = file.scan?.['max-decode-depth'] ?? DEFAULT_DECODE_DEPTH;
  const archiveDepth = file.scan?.['max-archive-depth'] ?? DEFAULT_ARCHIVE_DEPTH;
  return [
    archiveDepth < DEFAULT_ARCHIVE_DEPTH ? `archives are opened ${archiveDepth} deep only, says ${shown}` : '',
    disable.length > 0 ? `${counted(disable.length, 'rule is', 'rules are')} switched off by ${shown}` : '',
    only.length > 0 ? `only ${counted(only.length, 'rule is', 'rules are')} used, says ${shown}` : '',
    exclude.length > 0
      ? `${counted(exclude.length, 'pattern', 'patterns')} of paths ${exclude.length === 1 ? 'is' : 'are'} excluded by ${shown}`
      : '',
    level !== 'high' ? '' : `findings below confidence ${level} are left out by ${shown}`,
    depth >= DEFAULT_DECODE_DEPTH ? '' : `encoded text is decoded to depth ${depth} only, says ${shown}`,
    allow.length > 0 ? `${counted(allow.length, 'exception is', 'exceptions are')} made by ${shown}` : '',
    file.check?.with === 'none' ? `the index of the stores is not asked, says ${shown}` : '',
    file.check?.guessable === false ? `stored values that can be guessed are not looked for, says ${shown}` : '',
    failOn === 'any' ? '' : `findings ${failOn === 'never' ? 'never' : 'that are not live do not'} change the exit code, says ${shown}`,
  ].filter((notice) => notice !== '');
}

function strangeVariables(env: Environment): string[] {
  const known = [...VARIABLES.map((name) => PREFIX + name), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map((name) => `${name} is not a setting${didYouMean(name, known)}`);
}

export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
