/** Tokens that are a short text in base64: the text must read as their issuer writes it, and some of its fields may be shown. */
import { decodeBase64 } from './base64.ts';
import { dateOf, details, type Structure } from './structure.ts';

/** The whole value, or what follows `prefix`, decoded, must match; named groups are shown (`_` for a blank). */
function textToken(id: string, prefix: RegExp, form: RegExp, mismatch: Structure['mismatch'] = 'lower'): Structure {
  return {
    id,
    mismatch,
    read: (value) => {
      const text = decodeBase64(value.replace(prefix, ''))?.toString('latin1');
      const found = text === undefined ? null : form.exec(text);
      if (!found) return null;
      const told = Object.entries(found.groups ?? {}).map(([label, shown]) => [label.replaceAll('_', ' '), shown] as const);
      return details(told.map(([label, shown]) => [label, label === 'expires' ? expiry(shown) : shown] as const));
    },
  };
}

/** Ten digits of seconds; all 0 for never. */
function expiry(seconds: string | undefined): string | undefined {
  return seconds !== undefined && /^0+$/.test(seconds) ? 'never' : dateOf(Number(seconds));
}

/** `user:password` with a user that can be read. */
export const basicAuth = textToken('basic-auth', /^/, /^(?<user>[\x20-\x39\x3b-\x7e]{0,120}):[\x20-\x7e\x80-\xff]+$/);
/** Jira, Confluence and Bitbucket Data Center: a decimal id, a colon, random bytes. */
export const atlassianDataCenter = textToken('atlassian-data-center', /^BBDC-/, /^(?<token_id>[0-9]{4,20}):/);
export const intercom = textToken('intercom', /^/, /^tok:[0-9a-f_-]{30,40}:[0-9]:[0-9]$/);
export const jfrogReference = textToken('jfrog-reference', /^/, /^reftkn:01:(?<expires>[0-9]{10}):/);
export const workos = textToken('workos', /^sk_live_/, /^key_(?<key_id>[0-9A-HJKMNP-TV-Z]{26}),/);
export const nxCloud = textToken('nx-cloud', /^/, /\|(?<may>read-write|read-only)$/);
export const elasticStack = textToken('elastic-stack', /^/, /^(?<key_id>[A-Za-z0-9_-]{20}):[A-Za-z0-9_-]{22}$/);
/** Snowflake of the bot's user, before the first dot. */
export const discordBot: Structure = {
  id: 'discord-bot',
  mismatch: 'lower',
  read: (value) => {
    const user = decodeBase64(value.split('.')[0] ?? '')?.toString('latin1') ?? '';
    return /^[0-9]{17,20}$/.test(user) ? details([['bot user id', user]]) : null;
  },
};
