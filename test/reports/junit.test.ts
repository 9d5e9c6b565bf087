/** junit: XML that any reader takes apart the same way, whatever stands in it. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/contracts.ts';
import { junitReporter } from '../../src/reports/junit.ts';
import { CLEAN_REPORT, PLAIN, RANDOM_REPORTS, SMALL_OPTIONS, SMALL_REPORT } from './sample-report.ts';

type Element = { readonly name: string; readonly attributes: Record<string, string>; readonly children: Element[]; text: string };

/** A strict reader of the XML that a report may be: elements, quoted attributes, text, decimal references. Throws at anything else. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token =
    /<\?xml version="1\.0" encoding="UTF-8"\?>\n|<\/([a-z]+)>|<([a-z]+)((?: [a-z]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>|([^<&]|&#\d+;)/gy;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    const current = open.at(-1);
    if (match === null || current === undefined) throw new Error(`no XML at ${at}: ${xml.slice(at, at + 40)}`);
    const [, closed, name, attributes = '', isEmpty, text] = match;
    if (text !== undefined) current.text += plain(text);
    else if (closed !== undefined) {
      if (open.pop()?.name !== closed) throw new Error(`${closed} is not open`);
    } else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, plain(value)]);
      const element: Element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      current.children.push(element);
      if (isEmpty === '') open.push(element);
    }
  }
  if (open.length !== 1) throw new Error('something is left open');
  return root;
}

const plain = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

const suiteOf = (report: Report, options = PLAIN): Element => {
  const [suites] = parseXml([...junitReporter.render(report, options)].join('')).children;
  const [suite] = suites?.children ?? [];
  if (suite === undefined) throw new Error('no suite');
  return suite;
};

describe('junit', () => {
  it('is XML whose counts are right, for every report', () => {
    for (const { report } of [...RANDOM_REPORTS, { report: SMALL_REPORT }, { report: CLEAN_REPORT }]) {
      const { attributes, children } = suiteOf(report, SMALL_OPTIONS);
      const having = (name: string): number => children.filter((one) => one.children.some((inner) => inner.name === name)).length;
      expect(children).toHaveLength(Number(attributes['tests']));
      expect(having('failure')).toBe(Number(attributes['failures']));
      expect(having('skipped')).toBe(Number(attributes['skipped']));
      expect(having('error')).toBe(Number(attributes['errors']));
      expect(having('failure')).toBe(report.findings.reduce((sum, { places }) => sum + new Set(places.map(({ path }) => path)).size, 0));
    }
  });

  it('has a test that passed where there is nothing', () => {
    const { children } = suiteOf(CLEAN_REPORT);
    expect(children.map(({ attributes, children: inner }) => [attributes['name'], inner])).toEqual([['no findings', []]]);
  });

  it('escapes what XML would obey or has no form for', () => {
    const [first] = SMALL_REPORT.findings;
    const [place] = first?.places ?? [];
    if (first === undefined || place === undefined) throw new Error('the sample has findings');
    const path = `a"><x y='&amp;'>\u0000\ufffe]]>`;
    const { children } = suiteOf({ ...SMALL_REPORT, findings: [{ ...first, places: [{ ...place, path }] }] });
    expect(children[0]?.attributes['file']).toBe(`a"><x y='&amp;'>\\u{0}\\u{fffe}]]>`);
  });
});
