/**
 * Reads rule files (YAML, docs/rules.md) to rules: at build time for rules/, at start for a user's files. Every fault names the file, the rule and
 * the key; rules/schema.json says the same to editors.
 */
import {
  CONFIDENCES,
  type Companion,
  type Confidence,
  type Context,
  type NegativeExample,
  type Rule,
  SEVERITIES,
  type Severity,
} from '../core/rule.ts';
import { RequestFault, readCheck, readRevocation } from './read-requests.ts';

/** Thrown for a file that is no rule file; the message is fit for users. */
export class RuleFileError extends Error {}

const KEYS: readonly string[] = [
  'id',
  'name',
  'provider',
  'category',
  'description',
  'severity',
  'confidence',
  'keywords',
  'pattern',
  'context',
  'within',
  'entropy',
  'generic',
  'rare',
  'digit',
  'checksum',
  'structure',
  'with',
  'alone',
  'overlaps',
  'references',
  'check',
  'revoke',
  'guide',
  'examples',
  'not',
];

const CONTEXTS = ['none', 'assignment', 'nearby'] as const;
const MAX_WITHIN = 250;
const DEFAULT_WITHIN = 80;
const DEFAULT_LINES = 10;

type Fields = Readonly<Record<string, unknown>>;

/** Returns the rules of one file's text. */
export async function readRules(text: string, file: string): Promise<Rule[]> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault) throw new RuleFileError(`${file}: ${fault.message.split('\n')[0]}`);
  const entries: unknown = document.toJS({ maxAliasCount: 0 });
  if (!Array.isArray(entries)) throw new RuleFileError(`${file}: a rule file is a list of rules`);
  return entries.map((entry: unknown, i) => readRule(entry, `${file}: rule ${i + 1}`));
}

/** Returns one rule from plain data, or throws RuleFileError. `where` opens the message. */
export function readRule(entry: unknown, where: string): Rule {
  if (!isFields(entry)) throw new RuleFileError(`${where} is not a mapping`);
  const id = text(entry, 'id', where);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) || id.length > 80)
    throw new RuleFileError(`${where}: id ${JSON.stringify(id)} is not kebab-case`);
  const at = `${where.replace(/rule \d+$/, 'rule')} ${id}`;
  onlyKeys(entry, KEYS, at);
  const context = choice<Context>(entry, 'context', CONTEXTS, 'none', at);
  const generic = flag(entry, 'generic', false, at);
  const keywords = texts(entry, 'keywords', at);
  if (keywords.length === 0) throw new RuleFileError(`${at}: keywords: at least one`);
  return {
    id,
    name: text(entry, 'name', at),
    provider: text(entry, 'provider', at),
    category: text(entry, 'category', at),
    description: text(entry, 'description', at).replace(/\s+/g, ' ').trim(),
    severity: choice<Severity>(entry, 'severity', SEVERITIES, null, at),
    confidence: choice<Confidence>(entry, 'confidence', CONFIDENCES, generic ? 'low' : context === 'none' ? 'high' : 'medium', at),
    keywords,
    pattern: text(entry, 'pattern', at),
    context,
    within: number(entry, 'within', DEFAULT_WITHIN, 1, MAX_WITHIN, at),
    entropy: number(entry, 'entropy', 0, 0, 8, at),
    generic,
    digit: flag(entry, 'digit', false, at),
    rare: flag(entry, 'rare', false, at),
    checksum: readChecksum(entry, at),
    structure: readStructure(entry, at),
    with: list(entry, 'with', at).map((item) => readCompanion(item, at)),
    alone: flag(entry, 'alone', true, at),
    overlaps: texts(entry, 'overlaps', at),
    references: texts(entry, 'references', at),
    check: readRequests(() => readCheck(fields(entry, 'check', at)), `${at}: check`),
    revoke: readRequests(() => readRevocation(fields(entry, 'revoke', at)), `${at}: revoke`),
    guide: entry['guide'] === undefined ? null : text(entry, 'guide', at),
    examples: texts(entry, 'examples', at),
    not: list(entry, 'not', at).map((item) => readNegative(item, at)),
  };
}

function readRequests<T>(read: () => T, at: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RequestFault) throw new RuleFileError(`${at}: ${error.message}`, { cause: error });
    throw error;
  }
}

function readCompanion(item: unknown, at: string): Companion {
  if (!isFields(item)) throw new RuleFileError(`${at}: with: each is a mapping`);
  onlyKeys(item, ['rule', 'as', 'lines', 'required'], `${at}: with`);
  return {
    rule: text(item, 'rule', `${at}: with`),
    as: text(item, 'as', `${at}: with`),
    lines: number(item, 'lines', DEFAULT_LINES, 0, 100, `${at}: with`),
    required: flag(item, 'required', false, `${at}: with`),
  };
}

function readNegative(item: unknown, at: string): NegativeExample {
  if (!isFields(item)) throw new RuleFileError(`${at}: not: each is { text, because }`);
  onlyKeys(item, ['text', 'because'], `${at}: not`);
  return { text: text(item, 'text', `${at}: not`), because: text(item, 'because', `${at}: not`) };
}

function readChecksum(entry: Fields, at: string): Rule['checksum'] {
  const found = fields(entry, 'checksum', at);
  if (!found) return null;
  onlyKeys(found, ['id', 'seed'], `${at}: checksum`);
  const id = text(found, 'id', `${at}: checksum`);
  return found['seed'] === undefined ? { id } : { id, seed: text(found, 'seed', `${at}: checksum`) };
}

function readStructure(entry: Fields, at: string): Rule['structure'] {
  const found = fields(entry, 'structure', at);
  if (!found) return null;
  const where = `${at}: structure`;
  onlyKeys(found, ['id', 'at', 'part', 'label'], where);
  return {
    id: text(found, 'id', where),
    ...(found['at'] === undefined ? {} : { at: text(found, 'at', where) }),
    ...(found['part'] === undefined ? {} : { part: number(found, 'part', 0, -20, 20, where) }),
    ...(found['label'] === undefined ? {} : { label: text(found, 'label', where) }),
  };
}

function onlyKeys(entry: Fields, known: readonly string[], at: string): void {
  for (const key of Object.keys(entry)) if (!known.includes(key)) throw new RuleFileError(`${at}: there is no key ${key}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(entry: Fields, key: string, at: string): string {
  const value = entry[key];
  if (typeof value !== 'string' || value === '') throw new RuleFileError(`${at}: ${key}: a text is needed`);
  return value;
}

function number(entry: Fields, key: string, byDefault: number, least: number, most: number, at: string): number {
  const value = entry[key] === undefined ? byDefault : entry[key];
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new RuleFileError(`${at}: ${key}: a number from ${least} to ${most} is needed`);
  return value;
}

function flag(entry: Fields, key: string, byDefault: boolean, at: string): boolean {
  const value = entry[key] === undefined ? byDefault : entry[key];
  if (typeof value !== 'boolean') throw new RuleFileError(`${at}: ${key}: true or false is needed`);
  return value;
}

function choice<T extends string>(entry: Fields, key: string, all: readonly T[], byDefault: T | null, at: string): T {
  const value = entry[key] === undefined ? byDefault : entry[key];
  const found = all.find((one) => one === value);
  if (found === undefined) throw new RuleFileError(`${at}: ${key}: one of ${all.join(', ')} is needed`);
  return found;
}

function list(entry: Fields, key: string, at: string): readonly unknown[] {
  const value = entry[key] === undefined ? [] : entry[key];
  if (!Array.isArray(value)) throw new RuleFileError(`${at}: ${key}: a list is needed`);
  return value;
}

function texts(entry: Fields, key: string, at: string): string[] {
  return list(entry, key, at).map((item) => {
    if (typeof item !== 'string' || item === '') throw new RuleFileError(`${at}: ${key}: a list of texts is needed`);
    return item;
  });
}

function fields(entry: Fields, key: string, at: string): Fields | null {
  const value = entry[key];
  if (value === undefined) return null;
  if (!isFields(value)) throw new RuleFileError(`${at}: ${key}: a mapping is needed`);
  return value;
}
