/**
 * Issuers that end a credential by an id which only a list gives: npm shows the opening and the end of each token, Aiven and Linode the opening, Heroku the whole. The
 * entry must be the one that leaked: exactly one that fits, else nothing is planned.
 */
import { type IssuerPart, RotationError } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import type { FilledRequest } from './fill-request.ts';
import { hasEnded, refusalOf, send } from './plan-by-rule.ts';
import { fieldAt, type ReadReply } from './reply-fields.ts';
import type { PlanByCode, RuleIssuer } from './rule-issuer.ts';

type Listed = { readonly id: string; readonly shown: string; readonly created: string | undefined };

type List = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Before the value in the header; `Bearer` where nothing is said. */
  readonly scheme?: string;
  /** Returns the entry at an index of a page, or null behind the last. */
  readonly entryAt: (reply: ReadReply, index: number) => Listed | null;
  readonly nextOf: (reply: ReadReply) => string | undefined;
  readonly isOf: (entry: Listed, value: string) => boolean;
  /** Where one is deleted, by its id. */
  readonly addressOf: (id: string) => string;
};

const MAX_PAGES = 20;
const MAX_LISTED_TOKENS = 1000;
/** Of a token that is shown in part: fewer characters would fit many. */
const LEAST_SHOWN_CHARS = 6;

const NPM = 'https://registry.npmjs.org';
const HEROKU = 'https://api.heroku.com/oauth/authorizations';

export const planNpm: PlanByCode = (issuer, what, old, signal) => {
  return plan(issuer, what, old, signal, {
    url: `${NPM}/-/npm/v1/tokens`,
    headers: {},
    entryAt: (reply, index) => entry(reply, `objects.${index}.key`, `objects.${index}.token`, `objects.${index}.created`),
    nextOf(reply) {
      const next = fieldAt('urls.next', reply);
      return next !== undefined && /^\/-\/npm\/v1\/tokens\?[\w=&]*$/.test(next) ? `${NPM}${next}` : undefined;
    },
    isOf: ({ shown }, value) => isShownAs(shown, value),
    addressOf: (id) => `${NPM}/-/npm/v1/tokens/token/${encodeURIComponent(id)}`,
  });
};

export const planHeroku: PlanByCode = (issuer, what, old, signal) => {
  return plan(issuer, what, old, signal, {
    url: HEROKU,
    headers: { accept: 'application/vnd.heroku+json; version=3' },
    entryAt: (reply, index) => entry(reply, `${index}.id`, `${index}.access_token.token`, `${index}.created_at`),
    nextOf: () => undefined,
    isOf: ({ shown }, value) => shown === value,
    addressOf: (id) => `${HEROKU}/${encodeURIComponent(id)}`,
  });
};

export const planAiven: PlanByCode = (issuer, what, old, signal) => {
  const url = 'https://api.aiven.io/v1/access_token';
  return plan(issuer, what, old, signal, {
    url,
    headers: {},
    scheme: 'aivenv1',
    entryAt: (reply, index) => entry(reply, `tokens.${index}.token_prefix`, `tokens.${index}.token_prefix`, `tokens.${index}.create_time`),
    nextOf: () => undefined,
    isOf: ({ shown }, value) => isShownAs(shown, value),
    addressOf: (id) => `${url}/${encodeURIComponent(id)}`,
  });
};

export const planLinode: PlanByCode = (issuer, what, old, signal) => {
  const url = 'https://api.linode.com/v4/profile/tokens';
  return plan(issuer, what, old, signal, {
    url: `${url}?page_size=500`,
    headers: {},
    entryAt: (reply, index) => entry(reply, `data.${index}.id`, `data.${index}.token`, `data.${index}.created`),
    nextOf(reply) {
      const [page, pages] = [Number(fieldAt('page', reply)), Number(fieldAt('pages', reply))];
      return page < pages ? `${url}?page_size=500&page=${page + 1}` : undefined;
    },
    isOf: ({ shown }, value) => isShownAs(shown, value),
    addressOf: (id) => `${url}/${encodeURIComponent(id)}`,
  });
};

/** Whether `npm_ab…Yz`, or an opening alone, is how the value is shown. */
export function isShownAs(shown: string, value: string): boolean {
  const [opening = '', end = ''] = shown.split(/\u2026|\.{2,}|\*+/);
  const isEnough =
    (opening + end).replace(/^npm_/, '').length >= LEAST_SHOWN_CHARS || (!shown.startsWith('npm_') && shown.length >= LEAST_SHOWN_CHARS);
  return isEnough && value.startsWith(opening) && value.endsWith(end) && opening.length + end.length <= value.length;
}

async function plan(issuer: RuleIssuer, what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, list: List): Promise<IssuerPart> {
  const { name, provider } = issuer.options.rule;
  if (what === 'replace') throw issuer.cannot('it makes no new ones by itself');
  const asked = await issuer.askForPlan(old, signal);
  const who = asked.answer.state === 'accepted' ? asked.answer.identity : undefined;
  const { host } = new URL(list.url);
  const found = asked.answer.state === 'accepted' ? await find(issuer, old, list, signal) : null;
  const identity = `${name}${who === undefined ? '' : ` of ${who}`}${found?.created === undefined ? '' : `, made ${found.created}`} at ${host}`;
  return {
    identity,
    actions: [
      {
        id: `${issuer.id}:revoke`,
        reaches: 'OLD_DISABLED',
        does: `revokes the ${identity}`,
        repeat: 'always',
        effects: ['whoever still uses it is refused'],
        happened: (run) => hasEnded(issuer, run),
        async act(run) {
          if (found === null && (await hasEnded(issuer, run)) === 'yes') return;
          const one = found ?? (await find(issuer, run.old, list, run.signal));
          const reply = await send(issuer, request('DELETE', list.addressOf(one.id), run.old, list), run.signal);
          const isDone = !reply.isHtml && [200, 202, 204].includes(reply.status);
          if (!isDone && (await hasEnded(issuer, run)) !== 'yes') throw refusalOf(provider, reply);
        },
        undo: null,
      },
    ],
    warnings: asked.answer.state === 'refused' ? [`${host} refuses it already`] : [],
  };
}

/** Returns the one entry that is the value. Throws RotationError `ambiguous`, `denied`, `cannot`. */
async function find(issuer: RuleIssuer, value: Secret, list: List, signal: AbortSignal): Promise<Listed> {
  const text = reveal(value, 'ask-issuer');
  const created = issuer.options.names.ofOwner.get('created');
  const fitting: Listed[] = [];
  let url: string | undefined = list.url;
  for (let page = 0; url !== undefined; page++) {
    if (page === MAX_PAGES) throw issuer.cannot(`more than ${MAX_PAGES} pages of tokens`);
    const reply: ReadReply = await send(issuer, request('GET', url, value, list), signal);
    if (reply.status === 401 || reply.status === 403) throw issuer.cannot('the token may not list the tokens of its account');
    if (reply.status !== 200 || reply.json === undefined) throw refusalOf(issuer.options.rule.provider, reply);
    for (let index = 0; index < MAX_LISTED_TOKENS; index++) {
      const one = list.entryAt(reply, index);
      if (one === null) break;
      if (list.isOf(one, text) && (created === undefined || one.created?.startsWith(created))) fitting.push(one);
    }
    url = list.nextOf(reply);
  }
  const [one] = fitting;
  if (one && fitting.length === 1) return one;
  if (!one) throw issuer.cannot('no entry of its account fits the token');
  throw new RotationError('ambiguous', `${fitting.length} tokens of the account look like this one; say when it was made (created = "…")`, {
    mayHaveHappened: false,
  });
}

function entry(reply: ReadReply, id: string, shown: string, created: string): Listed | null {
  const found = fieldAt(id, reply);
  return found === undefined ? null : { id: found, shown: fieldAt(shown, reply) ?? '', created: fieldAt(created, reply) };
}

function request(method: 'GET' | 'DELETE', url: string, value: Secret, list: List): FilledRequest {
  const authorization = `${list.scheme ?? 'Bearer'} ${reveal(value, 'ask-issuer')}`;
  return { method, url, headers: { accept: 'application/json', 'user-agent': 'leakwarden', ...list.headers, authorization } };
}
