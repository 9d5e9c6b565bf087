/**
 * The contract suite's table (test/stores/contract.ts): connector by case, over the fakes of this repository and over real servers. In: what a run came to. Out: lines of
 * Markdown, none where the suite did not run. Printed by reporter.ts; docs/stores/contract.md keeps one.
 */
import type { TestModule, TestSuite } from 'vitest/node';

const SUITE = /^store: (.*)$/;
/** Heads of the columns, by the titles of the cases. */
const HEADS: Readonly<Record<string, string>> = {
  'says who it is for the store': 'identity',
  'lists what there is, without values, and reads them when asked': 'list, read',
  'gives each field of a secret': 'fields',
  'shows another change when a version came, and the same one when none did': 'change',
  'knows what was before': 'versions',
  'reads all pages': 'pages',
  'is empty when there is nothing': 'empty',
  'says when it is not let in': 'denied',
  'goes on when one secret may not be read': 'one denied',
  'waits when it is asked to': 'throttled once',
  'tells throttled from the other failures': 'throttled',
  'tells unreachable from the other failures': 'unreachable',
  'tells odd-reply from the other failures': 'odd reply',
  'does not turn round for ever': 'endless pages',
  'prints no value': 'no print',
};
const MARKS = { passed: 'ok', failed: 'FAILED', skipped: '–', pending: '–' } as const;

export function contractTable(modules: readonly TestModule[]): string[] {
  const suites = modules.flatMap((module) => [...module.children.allSuites()].filter(({ name }) => SUITE.test(name)));
  if (suites.length === 0) return [];
  const titles = [...new Set(suites.flatMap((suite) => casesOf(suite).map(({ title }) => title)))];
  const rows = suites.map((suite) => {
    const marks = new Map(casesOf(suite).map(({ title, mark }) => [title, mark]));
    return [SUITE.exec(suite.name)?.[1] ?? '', ...titles.map((title) => marks.get(title) ?? '–')];
  });
  const head = ['store', ...titles.map((title) => HEADS[title] ?? title)];
  const sorted = rows.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en'));
  return [head, head.map(() => '---'), ...sorted].map((cells) => `| ${cells.join(' | ')} |`);
}

function casesOf(suite: TestSuite): { readonly title: string; readonly mark: string }[] {
  return [...suite.children.tests()].map((test) => ({ title: test.name, mark: MARKS[test.result().state] }));
}
