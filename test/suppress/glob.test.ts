import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, GlobError, matchesGlob } from '../../src/suppress/glob.ts';

const matches = (pattern: string, path: string): boolean => matchesGlob(compileGlob(pattern), path);

describe('glob', () => {
  it.each([
    ['*.lock', 'a.lock', true],
    ['*.lock', 'deep/down/a.lock', true],
    ['*.lock', 'a.lock.ts', false],
    ['vendor', 'vendor/a/b.js', true],
    ['vendor', 'src/vendor/b.js', true],
    ['vendor/', 'src/vendor/b.js', true],
    ['vendor', 'src/vendored/b.js', false],
    ['/vendor', 'src/vendor/b.js', false],
    ['/vendor', 'vendor/b.js', true],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/cli/a.ts', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/b/c/d/a.ts', true],
    ['src/**/test/*.ts', 'src/b/test/c/test/a.ts', true],
    ['src/**', 'src', false],
    ['src/**', 'src/a', true],
    ['**', 'a/b', true],
    ['**/a', 'a', true],
    ['**/a', 'b/c/a', true],
    ['a/**/b', 'a/b', true],
    ['a/**/**/b', 'a/x/b', true],
    ['test/fixtures', 'test/fixtures/deep/x', true],
    ['test/fixtures', 'more/test/fixtures/x', false],
    ['file?.txt', 'file1.txt', true],
    ['file?.txt', 'file.txt', false],
    ['file?.txt', 'file12.txt', false],
    ['file?.txt', 'file🙂.txt', true],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['[]x]y', ']y', true],
    ['[a-]y', '-y', true],
    ['[\\]]y', ']y', true],
    ['*.{ts,js}', 'a.js', true],
    ['*.{ts,js}', 'a.css', false],
    ['{a,b/{c,d}}/x', 'b/d/x', true],
    ['{a,b/{c,d}}/x', 'b/x', false],
    ['a{b}c', 'a{b}c', true],
    ['[{,}]x', '{x', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['\\{a,b\\}', '{a,b}', true],
    ['a*b*c', 'axxbxxc', true],
    ['a*b*c', 'axxcxxb', false],
    ['./src/a', 'src/a', true],
    ['*', '.hidden', true],
    ['src/app', '../src/app', false],
    ['**/*.lock', '../other/a.lock', true],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it.each(['', '!a', '[a', '{a,b', 'a\\', '[z-a]', '/', '{a,b}{c,d}{e,f}{g,h}{i,j}{k,l}{m,n}', 'x'.repeat(513)])(
    'refuses %s',
    (pattern) => {
      expect(() => compileGlob(pattern)).toThrow(GlobError);
    },
  );

  it('costs no more than pattern times path, whatever the stars', () => {
    const name = `${'a'.repeat(2000)}b`;
    const begun = process.cpuUsage().user;
    expect(matches(`${'*a'.repeat(200)}*c`, name)).toBe(false);
    expect(matches(`${'**/a/'.repeat(100)}c`, 'a/'.repeat(2000))).toBe(false);
    expect((process.cpuUsage().user - begun) / 1e6).toBeLessThan(2);
  });

  it('agrees with a slow twin on small patterns', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '**', '?', '/', '[ab]', '[!a]'), { minLength: 1, maxLength: 7 });
    const path = fc.array(fc.constantFrom('a', 'b', '/'), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(pattern, path, (parts, names) => {
        const text = parts.join('');
        fc.pre(/[^/]/.test(text));
        expect(matches(text, names.join(''))).toBe(slowly(text, names.join('')));
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});

/** Tries everything: exponential, and plainly right. */
function slowly(pattern: string, path: string): boolean {
  const names = path.split('/').filter((name) => name !== '');
  const segments = pattern.split('/').filter((segment) => segment !== '');
  if (!pattern.replace(/\/+$/, '').includes('/')) segments.unshift('**');
  const walk = (at: number, name: number): boolean => {
    const segment = segments[at];
    if (segment === undefined) return true;
    if (segment === '**') {
      const isLast = segments.slice(at).every((rest) => rest === '**');
      return isLast ? name < names.length : walk(at + 1, name) || (name < names.length && walk(at, name + 1));
    }
    const text = names[name];
    return text !== undefined && one(segment, text) && walk(at + 1, name + 1);
  };
  return walk(0, 0);
}

function one(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) return one(pattern.slice(1), text) || (text !== '' && one(pattern, text.slice(1)));
  if (text === '') return false;
  const set = /^\[(!?)([a-z]+)\]/.exec(pattern);
  if (set !== null) return (set[2] ?? '').includes(text.charAt(0)) !== (set[1] === '!') && one(pattern.slice(set[0].length), text.slice(1));
  return (pattern.startsWith('?') || pattern.charAt(0) === text.charAt(0)) && one(pattern.slice(1), text.slice(1));
}
