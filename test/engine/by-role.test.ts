/** One scan for files of each role gives for each what a scan for a path of that role gives. */
import { describe, expect, it } from 'vitest';
import { FILE_ROLES, type FileRole, roleOf } from '../../src/engine/file-role.ts';
import { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';
import { randomNumbers } from '../kernel/random-text.ts';

const ruleset = builtInRuleset();
const scanner = new BlobScanner(
  new Kernel(builtInKernel(), ruleset.image),
  { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 },
  V8,
);

const PATHS: Readonly<Record<FileRole, string>> = {
  'config': 'a.conf',
  'code': 'src/a.ts',
  'test-code': 'test/a.test.ts',
  'document': 'README.md',
  'labels': 'locale_pt-BR.json',
  'rows': 'a.csv',
  'generated': 'package-lock.json',
};

const LINES = [
  'password = "{{alnum:20}}"',
  'password = Winter2024!',
  'password = "Winter2024!"',
  'db.password: {{lower:10}}{{digit:2}}',
  'api_key = {{alnum:32}}',
  'auth_token = config.{{lower:12}};',
  'ghp = {{crc32-base62-body:ghp_:30}}',
  'the quick brown fox',
];

describe('scanning in roles', () => {
  it('names a path for each role', () => {
    for (const role of FILE_ROLES) expect(roleOf(PATHS[role])).toBe(role);
  });

  it('gives for each role what a scan of a path of that role gives', () => {
    const random = randomNumbers(7);
    const templates = [...LINES, ...builtInRules().flatMap((rule) => (rule.generic ? rule.examples : rule.examples.slice(0, 1)))];
    const counts = new Map<FileRole, number>();
    for (let round = 0; round < 60; round++) {
      const text = Array.from({ length: 12 }, () => fillExample(templates[random(templates.length)] ?? '', `role ${random(40)}`)).join(
        '\n',
      );
      const bytes = Buffer.from(text, 'utf8');
      const all = scanner.scanInRoles(readFromBytes(bytes), FILE_ROLES);
      for (const role of FILE_ROLES) {
        const { matches, candidates } = scanner.scan(readFromBytes(bytes), PATHS[role]);
        expect(all.byRole[role] ?? [], `${role} in round ${round}`).toEqual(matches);
        expect(all.candidates).toBe(candidates);
        counts.set(role, (counts.get(role) ?? 0) + matches.filter(({ confidence }) => confidence === 'high').length);
      }
    }
    expect(counts.get('config')).toBeGreaterThan(counts.get('code') ?? 0);
    expect(counts.get('config')).toBeGreaterThan(counts.get('document') ?? 0);
    expect(counts.get('generated')).toBeGreaterThan(0);
    expect(counts.get('generated')).toBeLessThan(counts.get('config') ?? 0);
  });

  it('shares one result among the roles where no generic rule found anything', () => {
    const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'shared');
    const { byRole } = scanner.scanInRoles(readFromBytes(Buffer.from(`x ${token} y`)), FILE_ROLES);
    expect(byRole.config).toHaveLength(1);
    for (const role of FILE_ROLES) expect(byRole[role]).toBe(byRole.config);
  });
});
