/**
 * Asks Google whether a service account's key works: a token for the scope `openid`, which opens nothing, is asked for with an assertion that the key signs; the key itself
 * is never sent, and the token is thrown away. Only Google's own endpoint is asked, or the owner's way to it: never the `token_uri` of the file that was found.
 * Protocol: RFC 7523; gcp-key-api.ts has it.
 */
import type { IssuerAnswer } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { GOOGLE_TOKEN_URL, isAccount, tryKey } from './gcp-key-api.ts';
import { privateKeyIn } from './gcp-key-text.ts';
import type { CodeCheck, CodeCheckOptions, IssuerChecker } from './issuer-checker.ts';

const EMAIL = 'google-service-account-email';

export const gcpKeyCheck: CodeCheck = {
  companions: [EMAIL],
  create: (options) => new GcpKeyChecker(options),
};

class GcpKeyChecker implements IssuerChecker {
  readonly #options: CodeCheckOptions;
  /** Who took the key. */
  #home: string | null = null;

  constructor(options: CodeCheckOptions) {
    this.#options = options;
  }

  originsFor(value: Secret): readonly string[] {
    return this.#missing(value) === null ? this.#tokenUrls().map((url) => new URL(url).origin) : [];
  }

  obstacle(value: Secret): string | null {
    return this.#tokenUrls().length === 0 ? 'issuers.toml names no installation, and rules the public one out' : this.#missing(value);
  }

  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    const { createClient, now } = this.#options;
    const [account, key] = [this.#account(), privateKeyIn(value)];
    let answer: IssuerAnswer = { state: 'unknown', why: 'no-checker' };
    if (account === null || key === null) return answer;
    for (const tokenUrl of this.#tokenUrls()) {
      const client = createClient({ origins: [new URL(tokenUrl).origin] });
      const taken = await tryKey({ client, tokenUrl, account, now }, key, signal);
      if (taken === 'accepted') {
        this.#home = tokenUrl;
        return { state: 'accepted', identity: account };
      }
      if (taken === 'refused') return { state: 'refused' };
      const { unknown: why, detail } = taken;
      answer = { state: 'unknown', why, ...(detail === undefined ? {} : { detail }) };
    }
    return answer;
  }

  #missing(value: Secret): string | null {
    if (this.#account() === null) return 'the account’s address (client_email) is needed beside the value';
    return privateKeyIn(value) === null ? 'the value is a part of a key, or none' : null;
  }

  #account(): string | null {
    const found = this.#options.beside.get(EMAIL);
    const account = found === undefined ? '' : reveal(found, 'ask-issuer');
    return isAccount(account) ? account : null;
  }

  #tokenUrls(): readonly string[] {
    if (this.#home !== null) return [this.#home];
    const { installations, isPublicAsked } = this.#options;
    return [...installations.map((address) => `${address}/token`), ...(isPublicAsked ? [GOOGLE_TOKEN_URL] : [])];
  }
}
