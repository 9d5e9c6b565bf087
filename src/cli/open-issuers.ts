/**
 * Opens what asks issuers, for one run: rules, the user's issuers.toml and the network to the one interface that src/check knows. Says on stderr, before anything is
 * sent, how many values go where. Null where nobody asked for it, so that nothing of this is loaded. Called by scan, audit and check; never by the guard.
 */
import type { Finding, IssuerAsker } from '../core/contracts.ts';
import type { Rule } from '../core/rule.ts';
import type { Ruleset } from '../ruleset/load.ts';
import { type Io, note } from './io.ts';
import { type Check, counted } from './settings.ts';

/** One question, tries and pauses together; an issuer that wants longer is given up. */
const MAX_QUESTION_MS = 10_000;
const MAX_WAIT_MS = 5000;
/** Replies say who and what; lists of scopes are the longest part. */
const MAX_ISSUER_REPLY_BYTES = 1 << 20;

export type OpenedIssuers = { readonly asker: IssuerAsker; readonly close: () => Promise<void> };

/** Throws ToolError `issuers-invalid`. */
export async function openIssuers(check: Check | null, ruleset: Pick<Ruleset, 'named'>, io: Io): Promise<OpenedIssuers | null> {
  if (check !== 'issuers' && check !== 'all') return null;
  const [{ PacedAsker }, { checkerForRule, NO_SETTINGS, providerKey, questionOf }, { HttpClient }, { readIssuers }] = await Promise.all([
    import('../check/ask-issuers.ts'),
    import('../issuers/for-rule.ts'),
    import('../net/http-client.ts'),
    import('./issuers-file.ts'),
  ]);
  const settings = await readIssuers(io.env);
  const clients = new Map<string, InstanceType<typeof HttpClient>>();
  const rules = new Map<string, Rule | null>();
  const ruleOf = (id: string): Rule | null => {
    const known = rules.get(id);
    if (known !== undefined) return known;
    const [rule = null] = ruleset.named(new Set([id]));
    rules.set(id, rule);
    return rule;
  };
  const createClient = ({ origins, isThrottled }: Pick<ConstructorParameters<typeof HttpClient>[0], 'origins' | 'isThrottled'>) => {
    const key = origins.join(' ');
    const known = clients.get(key);
    if (known) return known;
    const limits = { totalMs: MAX_QUESTION_MS, maxPauseMs: MAX_WAIT_MS, maxReplyBytes: MAX_ISSUER_REPLY_BYTES };
    const client = new HttpClient({ origins, env: io.env, ...limits, ...(isThrottled ? { isThrottled } : {}) });
    clients.set(key, client);
    return client;
  };
  const asker = new PacedAsker({
    findIssuer: ({ rule: id, parts, secret }: Finding) => {
      const rule = ruleOf(id);
      if (rule === null) return null;
      const issuer = checkerForRule(rule, parts, settings.get(providerKey(rule.provider)) ?? NO_SETTINGS, { createClient, now: io.now });
      if (issuer === null) return null;
      const hostsNow = (): string[] => issuer.originsFor(secret).map((origin) => new URL(origin).host);
      return {
        by: rule.provider,
        hosts: hostsNow(),
        detail: issuer.obstacle(secret),
        question: questionOf(rule, parts),
        check: (value, signal) => issuer.check(value, signal),
        where: () => hostsNow().join(', '),
      };
    },
    announce: (counts) => {
      const list = Array.from(counts, ([host, count]) => `${counted(count, 'value', 'values')} to ${host}`);
      note(io, `asking issuers whether credentials work: ${list.join(', ')}`);
    },
    now: io.now,
    sleep: async (ms, signal) => {
      const { setTimeout: wait } = await import('node:timers/promises');
      // An interrupted pause just ends: whoever waits looks at the signal.
      await wait(ms, undefined, { signal }).catch(() => undefined);
    },
  });
  return {
    asker,
    close: async () => {
      await Promise.all(Array.from(clients.values(), (client) => client.close()));
    },
  };
}
