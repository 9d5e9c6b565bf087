/** html: one file that loads nothing, in which nothing of the scanned side is markup. */
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/contracts.ts';
import { htmlReporter } from '../../src/reports/html.ts';
import { escaped, link, withLinks } from '../../src/reports/html-page.ts';
import { AUDIT_REPORT, CLEAN_REPORT, PLAIN, RANDOM_REPORTS, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

const render = (report: Report): string => [...htmlReporter.render(report, SMALL_OPTIONS)].join('');

/** Every tag that a report may hold, with attributes in double quotes whose values hold nothing that ends them. */
const TAG = /^<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-z0-9-]+(?:="[^"<>`]*")?)*\/?)>$/i;
const NAMES = new Set(
  '!doctype html head meta title style body header h1 h2 h3 h4 ul ol li p small code span a section article dl dt dd br form label input fieldset legend output details summary svg line text rect script'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'html lang charset http-equiv content name class id href rel type autocomplete hidden checked data-severity data-state viewBox role aria-label x y x1 x2 y1 y2 width height text-anchor'.split(
    ' ',
  ),
);

function tagsOf(html: string): string[] {
  const bare = html.replace(/<style>[\s\S]*?<\/style>/, '<style></style>').replace(/<script>[\s\S]*?<\/script>/, '<script></script>');
  return bare.match(/<[^>]*>?/g) ?? [];
}

describe('html', () => {
  it('holds the tags and attributes of its own, well nested, whatever the report holds', () => {
    for (const { report } of [...RANDOM_REPORTS, { report: SMALL_REPORT }, { report: AUDIT_REPORT }, { report: CLEAN_REPORT }]) {
      const open: string[] = [];
      for (const tag of tagsOf(render(report))) {
        expect(tag).toMatch(TAG);
        const name = /^<\/?([!a-z0-9]+)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
        expect(NAMES).toContain(name);
        for (const [, attribute = ''] of tag.replace(/="[^"]*"/g, '=').matchAll(/ ([a-zA-Z0-9-]+)/g))
          expect(ATTRIBUTES).toContain(attribute);
        if (tag.startsWith('</')) expect(open.pop()).toBe(name);
        else if (!tag.endsWith('/>') && !['!doctype', 'meta', 'input', 'br'].includes(name)) open.push(name);
      }
      expect(open).toEqual([]);
    }
  });

  it('allows its own style and script by their digests, and nothing else', () => {
    const html = render(AUDIT_REPORT);
    const digestOf = (tag: string): string => {
      const [, content = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(html) ?? [];
      return createHash('sha256').update(content).digest('base64');
    };
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${digestOf('style')}'`,
      `script-src 'sha256-${digestOf('script')}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/\s(?:style|on[a-z]+|src)=/);
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'));
  });

  it('has a script that shows what is chosen', () => {
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(render(SMALL_REPORT)) ?? [];
    const section = { hidden: false, querySelector: () => ({ textContent: 'A rule' }) };
    const article = (severity: string, state: string, textContent: string) => ({
      dataset: { severity, state },
      textContent,
      hidden: false,
      closest: () => section,
    });
    const articles = [article('high', 'live', 'src/a.ts'), article('high', 'unknown', 'src/b.ts'), article('low', 'unknown', 'docs/a.md')];
    const box = (kind: string, value: string) => ({ checked: true, dataset: { [kind]: value } });
    const boxes: Record<string, ReturnType<typeof box>[]> = {
      severity: ['critical', 'high', 'medium', 'low'].map((value) => box('severity', value)),
      state: ['live', 'superseded', 'unknown', 'retired'].map((value) => box('state', value)),
    };
    let changed = (): void => undefined;
    const form = {
      hidden: true,
      addEventListener: (kind: string, listener: () => void) => {
        if (kind === 'input') changed = listener;
      },
      querySelectorAll: (selector: string) => boxes[/data-([a-z]+)/.exec(selector)?.[1] ?? ''] ?? [],
    };
    const byId: Record<string, object> = { filters: form, find: { value: '' }, shown: { textContent: '' } };
    const document = {
      getElementById: (id: string) => byId[id] ?? null,
      querySelectorAll: (selector: string) => (selector === 'article' ? articles : [section]),
    };
    runInNewContext(script, { document });
    const shown = (): boolean[] => articles.map(({ hidden }) => !hidden);
    expect([form.hidden, shown()]).toEqual([false, [true, true, true]]);
    const [, high] = boxes['severity'] ?? [];
    Object.assign(high ?? {}, { checked: false });
    changed();
    expect(shown()).toEqual([false, false, true]);
    Object.assign(high ?? {}, { checked: true });
    Object.assign(byId['find'] ?? {}, { value: 'RULE src' });
    changed();
    expect(shown()).toEqual([true, true, false]);
    expect(byId['shown']).toEqual({ textContent: '2 of 3' });
  });

  it('links to pages of the web alone', () => {
    expect(link('https://example.com/a?b="c', 'x')).toBe('<a href="https://example.com/a?b&#61;&#34;c" rel="noopener noreferrer">x</a>');
    for (const url of ['javascript:alert(1)', ' https://a', 'data:text/html,x', 'https://a b', '//a']) expect(link(url, 'x')).toBe('x');
    expect(withLinks('<b> https://a.example/<script>')).toBe(
      '&#60;b&#62; <a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a>&#60;script&#62;',
    );
    expect(escaped('"\'<>&`=\u0000')).toBe('&#34;&#39;&#60;&#62;&#38;&#96;&#61;\\u{0}');
  });

  it('draws how long each secret was in the code, also where clocks were wrong', () => {
    const [first] = AUDIT_REPORT.findings;
    const known = first?.history;
    if (first === undefined || known === undefined) throw new Error('the sample has a history');
    const at = (firstSeen: string, removedAt?: string): Report => {
      const history = { ...known, firstSeen, ...(removedAt === undefined ? {} : { removedAt, removedIn: 'a' }) };
      return { ...AUDIT_REPORT, findings: [{ ...first, history }] };
    };
    expect(render(at('2000-01-01T00:00:00Z', '2000-06-01T00:00:00Z'))).toContain('<title>2000-01-01 to 2000-06-01</title>');
    expect(render(at('2000-01-01T00:00:00Z'))).toContain('<title>2000-01-01 to today</title>');
    const odd = render(at('9999-01-01T00:00:00Z', '1970-01-01T00:00:00Z'));
    expect(odd.match(/width="(?:NaN|-)/)).toBe(null);
    expect(render(at('no time'))).not.toContain('<svg');
    expect(render(SMALL_REPORT)).not.toContain('<svg');
    expect([...htmlReporter.render(CLEAN_REPORT, PLAIN)].join('')).not.toContain('id="filters"');
  });
});
