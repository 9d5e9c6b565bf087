/** markdown: nothing of the scanned side becomes markup, a link, a mention, or another cell. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/contracts.ts';
import { markdownReporter } from '../../src/reports/markdown.ts';
import { advice, code, prose, webPage } from '../../src/reports/markdown-text.ts';
import { AUDIT_REPORT, RANDOM_REPORTS, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

const render = (report: Report): string => [...markdownReporter.render(report, SMALL_OPTIONS)].join('');

describe('code', () => {
  it.each([
    ['src/a.ts:12', '`src/a.ts:12`'],
    ['@acme/security #1 <b> &amp; *x*', '`@acme/security #1 <b> &amp; *x*`'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    [' a', '<code> a</code>'],
    ['</code><script>`', '<code>&#60;/code&#62;&#60;script&#62;&#96;</code>'],
    ['a\nb', '<code>a&#92;u&#123;a&#125;b</code>'],
    ['', ''],
  ])('%j is %s', (text, expected) => expect(code(text)).toBe(expected));
});

describe('prose', () => {
  it.each([
    ['a: b', 'a: b'],
    ['@team and #12', '<code>@</code>team and <code>#</code>12'],
    ['http://evil.example/x', 'http&#58;//evil.example/x'],
    ['www.evil.example', 'www&#46;evil.example'],
    ['[a](javascript:x)', '&#91;a&#93;(javascript&#58;x)'],
    ['![a](b) <img src=x> | **b** :tada:', '&#33;&#91;a&#93;(b) &#60;img src=x&#62; &#124; &#42;&#42;b&#42;&#42; &#58;tada&#58;'],
    ['&#64;team', '&#38;<code>#</code>64;team'],
  ])('%j is %s', (text, expected) => expect(prose(text)).toBe(expected));
});

describe('advice', () => {
  it('links addresses, and no others', () => {
    expect(advice('see https://example.com/a?b=1 now')).toBe('see <https://example.com/a?b=1> now');
    expect(advice('see https://example.com/`x')).toBe('see https&#58;//example.com/&#96;x');
    expect([webPage('javascript:x'), webPage('https://a b'), webPage('https://a/>'), webPage(undefined)]).toEqual(Array(4).fill(undefined));
  });
});

describe('markdown', () => {
  it('is a table with a row for each finding, whatever they hold', () => {
    for (const { report } of [...RANDOM_REPORTS, { report: AUDIT_REPORT }, { report: SMALL_REPORT }]) {
      const rows = render(report)
        .split('\n')
        .filter((line) => line.startsWith('|'));
      expect(rows).toHaveLength(report.findings.length === 0 ? 0 : report.findings.length + 2);
      for (const row of rows) expect(row.split('|')).toHaveLength(6);
    }
  });

  it('holds no tag but breaks, code and links to the web', () => {
    for (const { report } of RANDOM_REPORTS) {
      // Code spans are what they are; of what is left, tags must be known.
      const bare = render(report).replace(/`[^`\n]*`/g, '');
      const tags = bare.match(/<[^>\n]*>?/g) ?? [];
      expect(tags.filter((tag) => !/^<(?:br|\/?code|https?:\/\/[^\s<>]+)>$/.test(tag))).toEqual([]);
      expect(bare.replace(/<code>[@#]<\/code>/g, '')).not.toMatch(/@|\]\((?!<https?:)/);
    }
  });

  it('links places that have a page', () => {
    const findings = AUDIT_REPORT.findings.map((finding) => ({
      ...finding,
      places: finding.places.map((place) => ({ ...place, url: 'https://example.com/acme/api/blob/1a/src/old.ts#L4' })),
    }));
    expect(render({ ...AUDIT_REPORT, findings })).toContain('[`src/old.ts:4`](<https://example.com/acme/api/blob/1a/src/old.ts#L4>)');
    const hostile = findings.map((finding) => ({
      ...finding,
      places: finding.places.map((place) => ({ ...place, url: 'javascript:alert(1)' })),
    }));
    expect(render({ ...AUDIT_REPORT, findings: hostile })).not.toContain('javascript');
  });
});
