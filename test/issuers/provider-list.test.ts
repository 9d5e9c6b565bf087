/** docs/issuer-providers.md is made from the rules: `npx vitest run --config test/vitest.config.ts test/issuers/provider-list.test.ts -u` writes it anew. */
import { expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import { canBeChecked, canBeReplaced, canBeRevoked, ownersNames, providerKey } from '../../src/issuers/for-rule.ts';
import { namesIn } from '../../src/ruleset/read-requests.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';

const rules = await readRuleFiles();

const PAGE = new URL('../../docs/issuer-providers.md', import.meta.url).pathname;

type Row = { readonly provider: string; readonly rules: readonly Rule[] };

const byName = (a: string, b: string): number => a.localeCompare(b, 'en');
const listOf = (words: readonly string[]): string => [...new Set(words)].sort(byName).join(', ');

function rowsOf(some: readonly Rule[]): Row[] {
  const names = [...new Set(some.map(({ provider }) => provider))].sort(byName);
  return names.map((provider) => ({ provider, rules: some.filter((rule) => rule.provider === provider) }));
}

/** By what the request names the credential. */
function meansOf({ revoke, with: companions }: Rule): string {
  if (revoke === null) return 'its entry in the list of its account, if exactly one fits';
  if (Object.keys(revoke.fromCheck).length > 0) return 'the id that the issuer gives for it';
  if (Object.keys(revoke.pieces).length > 0) return 'the id in it';
  const isBeside = companions.some(({ rule }) => namesIn(revoke.request).includes(rule));
  return isBeside ? 'the id beside it, with which alone it works' : 'itself';
}

function needsOf(some: readonly Rule[]): string {
  const names = some.flatMap(ownersNames).map((name) => `\`${name}\``);
  const homes = some.some(({ check }) => check?.installations !== undefined && check.installations !== 'none') ? ['(`installations`)'] : [];
  return listOf([...names, ...homes]);
}

function* page(): Iterable<string> {
  const checked = rules.filter(canBeChecked);
  const revocable = rules.filter(canBeRevoked);
  const asking = rowsOf(checked.filter((rule) => needsOf([rule]) !== ''));
  const ruleCount = (some: readonly Row[]): number => some.reduce((sum, row) => sum + row.rules.length, 0);
  yield '# Issuers that leakwarden knows\n\n';
  yield `Made from the rules by \`test/issuers/provider-list.test.ts\`. What the columns mean: [issuers.md](issuers.md).\n\n`;
  yield `${rowsOf(checked).length} providers can be asked whether a credential works (${checked.length} rules), ${rowsOf(revocable).length} can end it for whoever holds it (${revocable.length} rules).\n\n`;
  yield '## Can be ended\n\n| provider | rules | named by | replaced too |\n|---|---|---|---|\n';
  for (const { provider, rules: some } of rowsOf(revocable)) {
    const ids = some.map(({ id }) => `\`${id}\``).join(', ');
    yield `| ${provider} | ${ids} | ${listOf(some.map(meansOf))} | ${some.some(canBeReplaced) ? 'yes' : ''} |\n`;
  }
  yield `\n## Asked with what you say in issuers.toml\n\n${ruleCount(asking)} rules. Names in brackets are optional.\n\n| provider | table | what you say |\n|---|---|---|\n`;
  for (const { provider, rules: some } of asking) yield `| ${provider} | \`[${providerKey(provider)}]\` | ${needsOf(some)} |\n`;
  const others = rowsOf(checked).filter(({ provider }) => !asking.some((row) => row.provider === provider));
  yield '\n## Asked as they are\n';
  const initials = new Map<string, string[]>();
  for (const { provider } of others) {
    const initial = /^[a-z]/i.test(provider) ? provider.charAt(0).toUpperCase() : '0';
    initials.set(initial, [...(initials.get(initial) ?? []), provider]);
  }
  for (const names of initials.values()) yield `\n${names.join(' · ')}\n`;
}

it('the page of providers is what the rules say', async () => {
  await expect([...page()].join('')).toMatchFileSnapshot(PAGE);
});
