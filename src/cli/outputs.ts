/**
 * Which reports are written where: --format and --output go in pairs, in either order. A format without a file goes to stdout, a file without a
 * format gets the one of its name (`leaks.sarif`). Called by the commands that write reports.
 */
import { extname } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { GivenOption } from './given.ts';
import { didYouMean } from './nearest-word.ts';

export type OutputPlan = {
  readonly format: string;
  /** Null: stdout. */
  readonly file: string | null;
};

const DEFAULT_FORMAT = 'text';
const STDOUT = '-';
/** Endings of files that are not called as their format is. */
const ENDINGS: Readonly<Record<string, string>> = { md: 'markdown', htm: 'html', xml: 'junit' };

/** Returns at least one plan, at most one of them for stdout. Throws ToolError `unknown-format`, `bad-option`. */
export function planOutputs(options: readonly GivenOption[], formats: readonly string[]): OutputPlan[] {
  const plans = pairUp(options).map(({ format, file }) => ({
    format: format === null ? formatOfName(file, formats) : checked(format, formats),
    file: file === STDOUT ? null : file,
  }));
  if (plans.length === 0) return [{ format: DEFAULT_FORMAT, file: null }];
  if (plans.filter(({ file }) => file === null).length > 1) {
    throw new ToolError('bad-option', { message: 'only one report fits on stdout: give the others an --output FILE' });
  }
  const files = plans.flatMap(({ file }) => file ?? []);
  if (new Set(files).size < files.length) throw new ToolError('bad-option', { message: 'two reports cannot go to the same file' });
  return plans;
}

/** An --output belongs to the last --format before it that has none, else to the next one after it. */
function pairUp(options: readonly GivenOption[]): { format: string | null; file: string | null }[] {
  const pairs: { format: string | null; file: string | null }[] = [];
  for (const { name, value } of options) {
    const last = pairs.at(-1);
    if (name === 'format') {
      if (last !== undefined && last.format === null) last.format = value;
      else pairs.push({ format: value, file: null });
    } else if (name === 'output') {
      if (last !== undefined && last.file === null) last.file = value;
      else pairs.push({ format: null, file: value });
    }
  }
  return pairs;
}

function checked(format: string, formats: readonly string[]): string {
  if (formats.includes(format)) return format;
  throw new ToolError('unknown-format', { format: format + didYouMean(format, formats), formats: formats.join(', ') });
}

function formatOfName(file: string | null, formats: readonly string[]): string {
  const extension = extname(file ?? '').slice(1);
  const format = Object.hasOwn(ENDINGS, extension) ? (ENDINGS[extension] ?? extension) : extension;
  return formats.includes(format) ? format : DEFAULT_FORMAT;
}
