/** Makes matches for the tests of suppressors: the value stands on a line of a file, as the engine would report it. */
import type { Match } from '../../src/core/contracts.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { IdOf, SuppressSettings } from '../../src/suppress/settings.ts';
import { NO_SUPPRESSIONS } from '../../src/suppress/settings.ts';

/** No provider's form. */
export const VALUE = ['v4lue', 'that', 'stands', 'for', 'one'].join('_');

/** Returns a match of VALUE; `text` holds its line and, when it has two, the line before. */
export function makeMatch(text = `key = "${VALUE}"`, change: Partial<Match> & { path?: string; line?: number } = {}): Match {
  const { path = 'src/app.ts', line = 3, ...rest } = change;
  const excerptLine = text.includes('\n') ? 1 : 0;
  const column = Math.max(0, (text.split('\n')[excerptLine] ?? '').indexOf(VALUE)) + 1;
  return {
    rule: 'github-pat-classic',
    provenance: { kind: 'file', path },
    place: { path, line, column, endLine: line, endColumn: column + VALUE.length, span: { start: 0, end: VALUE.length } },
    secret: new Secret(VALUE),
    parts: {},
    confidence: 'high',
    entropy: 3,
    checksum: 'none',
    details: {},
    placeholder: null,
    doubt: null,
    excerpt: new Secret(text),
    excerptLine,
    ...rest,
  };
}

export function makeSettings(change: Partial<SuppressSettings> = {}): SuppressSettings {
  return { cwd: '/work/repo', root: '/work/repo', ...NO_SUPPRESSIONS, ...change };
}

/** Stands for the digest of rule and value: the same for the same pair, 32 hexadecimal characters. */
export const idOf: IdOf = (match) => {
  let sum = 7;
  for (const character of `${match.rule}\0${reveal(match.secret, 'digest')}`) sum = (sum * 31 + character.charCodeAt(0)) % 0xffffffff;
  return sum.toString(16).padStart(32, '0');
};
