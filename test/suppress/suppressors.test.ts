import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { isBaseline, parseBaseline, renderBaseline } from '../../src/suppress/baseline.ts';
import { parseIgnoreFile } from '../../src/suppress/fingerprints.ts';
import { parseGitleaksIgnore } from '../../src/suppress/gitleaks-ignore.ts';
import { readGitleaksReport } from '../../src/suppress/gitleaks-report.ts';
import { compileGlob } from '../../src/suppress/glob.ts';
import { createSuppressors } from '../../src/suppress/index.ts';
import { readSecretsBaseline } from '../../src/suppress/secrets-baseline.ts';
import type { AllowEntry, SuppressSettings } from '../../src/suppress/settings.ts';
import { idOf, makeMatch, makeSettings, VALUE } from './make-match.ts';

/** Returns `id: reason` of the first suppressor that speaks. */
function why(settings: Partial<SuppressSettings>, match = makeMatch()): string | null {
  for (const suppressor of createSuppressors(makeSettings(settings), idOf)) {
    const reason = suppressor.why(match);
    if (reason !== null) return `${suppressor.id}: ${reason}`;
  }
  return null;
}

const allow = (entry: Partial<AllowEntry>): Partial<SuppressSettings> => ({
  allow: [{ id: null, rule: null, path: null, reason: null, from: 'leakwarden.toml:4', ...entry }],
});

describe('the registry', () => {
  it('has only what needs no settings when there are none', () => {
    expect(createSuppressors(makeSettings(), idOf).map(({ id }) => id)).toEqual(['allow-comment', 'placeholder']);
    expect(why({})).toBeNull();
  });

  it('asks for the id only after the cheap ones have let a match through', () => {
    const asked: string[] = [];
    const settings = makeSettings({
      ...allow({ path: compileGlob('src') }),
      ignoredIds: [{ id: '0'.repeat(32), reason: null, from: 'f:1' }],
    });
    const suppressors = createSuppressors(settings, (match) => {
      asked.push(match.place.path);
      return idOf(match);
    });
    for (const path of ['src/a', 'other/b']) suppressors.find((suppressor) => suppressor.why(makeMatch(undefined, { path })) !== null);
    expect(asked).toEqual(['other/b']);
  });
});

describe('path', () => {
  it('names the glob or the reason, and the line of the configuration', () => {
    expect(why(allow({ path: compileGlob('src/**') }))).toBe('path: src/** (leakwarden.toml:4)');
    expect(why(allow({ path: compileGlob('src/**'), reason: 'samples' }))).toBe('path: samples (leakwarden.toml:4)');
    expect(why(allow({ path: compileGlob('test/**') }))).toBeNull();
  });

  it('counts from the root, wherever the scan runs', () => {
    const settings = { ...allow({ path: compileGlob('/api/src') }), cwd: '/work/repo/api' };
    expect(why(settings)).toMatch(/^path:/);
    expect(why(settings, makeMatch(undefined, { path: '../src/app.ts' }))).toBeNull();
    expect(why(settings, makeMatch(undefined, { path: '/work/repo/api/src/x' }))).toMatch(/^path:/);
  });
});

describe('rule-switch', () => {
  it('switches one rule off for a part of the tree', () => {
    const settings = allow({ rule: 'github-pat-classic', path: compileGlob('src') });
    expect(why(settings)).toBe('rule-switch: github-pat-classic is switched off under src (leakwarden.toml:4)');
    expect(why(settings, makeMatch(undefined, { path: 'lib/a' }))).toBeNull();
    expect(why(settings, makeMatch(undefined, { rule: 'slack-token' }))).toBeNull();
  });

  it('without a path, everywhere', () => {
    expect(why(allow({ rule: 'github-pat-classic', reason: 'rotated' }))).toBe('rule-switch: rotated (leakwarden.toml:4)');
  });
});

describe('placeholder and confidence', () => {
  it('passes on what the engine said', () => {
    expect(why({}, makeMatch(undefined, { placeholder: 'fill characters' }))).toBe('placeholder: fill characters');
  });

  it('passes on what looks like a sample, unless the level is low', () => {
    const match = makeMatch(undefined, { doubt: 'sequence', confidence: 'low' });
    expect(why({}, match)).toBe('placeholder: sequence');
    expect(why({ minConfidence: { level: 'medium', from: 'default' } }, match)).toBe('placeholder: sequence');
    expect(why({ minConfidence: { level: 'low', from: '--min-confidence' } }, match)).toBeNull();
    const certain = makeMatch(undefined, { placeholder: 'template variable' });
    expect(why({ minConfidence: { level: 'low', from: '--min-confidence' } }, certain)).toBe('placeholder: template variable');
  });

  it('drops what is less sure than asked', () => {
    const settings = { minConfidence: { level: 'medium', from: '--min-confidence' } } as const;
    expect(why(settings, makeMatch(undefined, { confidence: 'low' }))).toBe(
      'confidence: confidence low is below medium (--min-confidence)',
    );
    expect(why(settings, makeMatch(undefined, { confidence: 'medium' }))).toBeNull();
    expect(why(settings)).toBeNull();
  });
});

describe('fingerprint', () => {
  const id = idOf(makeMatch());

  it('allows a value by the id of its finding, with rule and path as further conditions', () => {
    expect(why(allow({ id }))).toBe('fingerprint: leakwarden.toml:4');
    expect(why(allow({ id, rule: 'slack-token' }))).toBeNull();
    expect(why(allow({ id, path: compileGlob('test') }))).toBeNull();
    expect(why(allow({ id }), makeMatch(undefined, { secret: new Secret('another') }))).toBeNull();
  });

  it('reads .leakwardenignore', () => {
    const text = `# revoked\n${id}\n\n${'a'.repeat(32)} # sample of the documentation\n`;
    const ignoredIds = parseIgnoreFile(text, '.leakwardenignore');
    expect(ignoredIds.map(({ reason, from }) => [reason, from])).toEqual([
      ['revoked', '.leakwardenignore:2'],
      ['sample of the documentation', '.leakwardenignore:4'],
    ]);
    expect(why({ ignoredIds })).toBe('fingerprint: revoked (.leakwardenignore:2)');
  });

  it('refuses lines that are no id', () => {
    expect(() => parseIgnoreFile('src/**\n', 'f')).toThrow('f:1: not the id of a finding');
  });
});

describe('baseline', () => {
  const entry = { id: idOf(makeMatch()), rule: 'github-pat-classic', paths: ['src/app.ts'], added: '2025-11-30', reason: null, from: '' };

  it('is written sorted, and read in any order with repeated lines', () => {
    const other = { ...entry, id: 'f'.repeat(32), reason: 'accepted' };
    const text = renderBaseline([other, entry]);
    expect(text).toBe(renderBaseline([entry, other]));
    expect(text.split('\n')[0]).toBe('{"schema":"leakwarden/baseline@1"}');
    const shuffled = text.trimEnd().split('\n').reverse().join('\n');
    expect(renderBaseline(parseBaseline(`${shuffled}\n${shuffled}`, 'b'))).toBe(text);
    expect(isBaseline(text)).toBe(true);
    expect(isBaseline('[{"RuleID": ""}]')).toBe(false);
  });

  it('survives moved lines and renamed files, and names its line', () => {
    const baseline = parseBaseline(renderBaseline([entry]), '.leakwarden/baseline.jsonl');
    const moved = makeMatch(undefined, { path: 'lib/renamed.ts', line: 99 });
    expect(why({ baseline }, moved)).toBe('baseline: known since 2025-11-30 (.leakwarden/baseline.jsonl:2)');
    expect(why({ baseline }, makeMatch(undefined, { secret: new Secret('a new one') }))).toBeNull();
  });

  it.each([
    ['{"id":"short"}', 'b is not a baseline: line 1: no id of 32 hexadecimal characters'],
    ['<<<<<<< HEAD', 'b is not a baseline: line 1: a merge conflict; keep the lines of both sides'],
    ['{"schema":"leakwarden/baseline@9"}', 'b is not a baseline: line 1: schema is not leakwarden/baseline@1'],
    ['\n[]', 'b is not a baseline: line 2: not a JSON object'],
  ])('refuses %s', (text, message) => {
    expect(() => parseBaseline(text, 'b')).toThrow(message);
  });
});

describe('what other scanners left', () => {
  it('.gitleaksignore: file and line, whatever the rule', () => {
    const text =
      '# comment\nsrc\\app.ts:generic-api-key:3\nsrc/app.ts:x:4 # why\nbadline\n0123456789abcdef0123456789abcdef01234567:src/old.ts:x:3\n';
    const ignoredPlaces = parseGitleaksIgnore(text, '.gitleaksignore');
    expect(ignoredPlaces.map(({ path, line }) => `${path}:${line}`)).toEqual(['src/app.ts:3', 'src/app.ts:4', 'src/old.ts:3']);
    expect(why({ ignoredPlaces })).toBe('gitleaks-ignore: generic-api-key is ignored on this line (.gitleaksignore:2)');
    expect(why({ ignoredPlaces }, makeMatch(undefined, { line: 5 }))).toBeNull();
  });

  it('.gitleaksignore: a line of a commit, for what that commit brought', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const ignoredPlaces = parseGitleaksIgnore(`${commit}:src/app.ts:x:3\n`, '.gitleaksignore');
    const match = makeMatch();
    expect(why({ ignoredPlaces }, match)).toBeNull();
    expect(why({ ignoredPlaces }, { ...match, place: { ...match.place, commit: '9'.repeat(40) } })).toBeNull();
    expect(why({ ignoredPlaces }, { ...match, place: { ...match.place, commit } })).toBe(
      'gitleaks-ignore: x is ignored on this line (.gitleaksignore:1)',
    );
  });

  it('a gitleaks report in clear: file and value, on any line', () => {
    const entries = [{ RuleID: 'github-pat', File: 'src/app.ts', StartLine: 30, EndLine: 30, Secret: `${VALUE}=` }];
    const reportedSecrets = readGitleaksReport(entries, 'old.json');
    expect(why({ reportedSecrets })).toBe('gitleaks-report: github-pat is known (old.json, entry 1)');
    expect(why({ reportedSecrets }, makeMatch(undefined, { path: 'src/b.ts' }))).toBeNull();
    expect(why({ reportedSecrets }, makeMatch(undefined, { line: 30, secret: new Secret('a new one at the line') }))).toBeNull();
  });

  it('a redacted gitleaks report: file and line', () => {
    const reportedSecrets = readGitleaksReport(
      [{ RuleID: 'github-pat', File: './src/app.ts', StartLine: 3, Secret: 'REDACTED' }],
      'old.json',
    );
    expect(why({ reportedSecrets })).toMatch(/^gitleaks-report:/);
    expect(why({ reportedSecrets }, makeMatch(undefined, { line: 4 }))).toBeNull();
    expect(() => readGitleaksReport([{}], 'old.json')).toThrow('entry 1 has no File and StartLine');
  });

  it('.secrets.baseline: file and SHA-1', () => {
    const hashed_secret = createHash('sha1').update(VALUE).digest('hex');
    const results = { 'src/app.ts': [{ type: 'Secret Keyword', hashed_secret, line_number: 77 }] };
    const hashedSecrets = readSecretsBaseline({ results }, '.secrets.baseline');
    expect(why({ hashedSecrets })).toBe('secrets-baseline: Secret Keyword is known (.secrets.baseline)');
    expect(why({ hashedSecrets }, makeMatch(undefined, { path: 'x' }))).toBeNull();
    expect(why({ hashedSecrets }, makeMatch(undefined, { secret: new Secret('a new one') }))).toBeNull();
    expect(() => readSecretsBaseline({}, 'f')).toThrow('f is not a baseline: it has no results');
  });
});
