/**
 * Keys of a Google service account as an issuer: the key that leaked is found among the account's own by its public half, replaced by another one, switched off first,
 * and deleted only where the owner wants that. In: settings of the owner's list; out: answers and plans. The actions: gcp-key-actions.ts.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Issuer, type IssuerAnswer, type IssuerPart, RotationError } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { afterwards, deleteAction, disableAction, makeAction, NEW_ID, testAction } from './gcp-key-actions.ts';
import { certificateOf, type GcpKeyPlace, GOOGLE_TOKEN_URL, isAccount, listKeys, tryKey } from './gcp-key-api.ts';
import { isKeyFile, privateKeyIn } from './gcp-key-text.ts';
import type { IssuerContext, IssuerKind, IssuerSettings } from './issuer-kind.ts';
import { addressOf, cannot } from './key-rotation.ts';

/** cloud.google.com/iam/quotas. */
const MOST_KEYS = 10;
/** The rule that finds the addresses of accounts. */
const BESIDE = 'google-service-account-email';
const IAM = 'https://iam.googleapis.com';

export const gcpServiceAccount: IssuerKind = {
  kind: 'gcp-service-account',
  name: 'Google Cloud, keys of a service account',
  settings: [
    { name: 'account', help: 'e-mail address of the service account; else the one that stands beside the value' },
    { name: 'id-field', help: 'field beside the private key that holds the key’s id (private_key_id)' },
    { name: 'delete', help: 'yes: the old key is deleted once it is off; else it is kept so' },
    { name: 'credentials-file', help: 'to act with; else as for the store of kind gcp' },
    { name: 'token-variable', help: 'variable that holds an access token to act with' },
    { name: 'endpoint', help: 'address of IAM, for Private Service Connect' },
    { name: 'token-endpoint', help: 'address of the token endpoint' },
  ],
  create: (settings, context) => new GcpServiceAccount(settings, context),
};

class GcpServiceAccount implements Issuer {
  readonly id: string;
  readonly #settings: IssuerSettings;
  readonly #at: GcpKeyPlace;
  readonly #context: IssuerContext;
  /** A plan has shown that the value is this account's: only then does a refusal prove anything. */
  #isKnown = false;

  constructor(settings: IssuerSettings, context: IssuerContext) {
    const beside = context.beside?.get(BESIDE);
    const found = beside === undefined ? '' : reveal(beside, 'ask-issuer');
    const { account = found, 'credentials-file': credentialsFile, 'token-variable': tokenVariable } = settings;
    const { cloud } = context;
    if (!isAccount(account)) throw cannot('issuer of kind gcp-service-account: account is missing, or no address of a service account');
    if (!cloud) throw cannot('issuer of kind gcp-service-account: there are no credentials of Google here');
    const [iam, tokenUrl] = [
      addressOf('gcp-service-account', settings['endpoint'], IAM),
      addressOf('gcp-service-account', settings['token-endpoint'], GOOGLE_TOKEN_URL),
    ];
    const wish = {
      ...(credentialsFile === undefined ? {} : { credentialsFile }),
      ...(tokenVariable === undefined ? {} : { tokenVariable }),
    };
    this.id = `gcp-service-account:${account}`;
    this.#settings = settings;
    this.#context = context;
    this.#at = {
      client: context.createClient({ origins: [...new Set([iam, tokenUrl].map((url) => new URL(url).origin))] }),
      iam,
      tokenUrl,
      account,
      now: context.now,
      token: (signal) => cloud.gcpToken(wish, signal),
    };
  }

  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    const key = privateKeyIn(value);
    if (key === null) return { state: 'unknown', why: 'no-checker' };
    const taken = await tryKey(this.#at, key, signal);
    if (taken === 'accepted') return { state: 'accepted', identity: this.#at.account };
    if (taken !== 'refused')
      return { state: 'unknown', why: taken.unknown, ...(taken.detail === undefined ? {} : { detail: taken.detail }) };
    return this.#isKnown ? { state: 'refused' } : { state: 'unknown', why: 'no-checker' };
  }

  async plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun = false): Promise<IssuerPart> {
    const { account } = this.#at;
    if (privateKeyIn(old) === null) throw cannot('the value is neither a private key nor a key file');
    const leaked = isBegun ? null : await this.#find(old, signal);
    if (what === 'replace' && !isBegun) await this.#checkRoom(signal);
    this.#isKnown = true;
    const find = (value: Secret, until: AbortSignal): Promise<string> => this.#find(value, until);
    const options = { at: this.#at, find, leaked, context: this.#context };
    const isDeleted = this.#settings['delete'] === 'yes';
    const end = [disableAction(options), ...(isDeleted ? [deleteAction(options)] : [])];
    const field = this.#settings['id-field'] ?? 'private_key_id';
    return {
      identity: `service account ${account}`,
      actions: what === 'revoke' ? end : [makeAction(options), testAction(options), ...end],
      // A whole key file has the id in it.
      ...(what === 'replace' && !isKeyFile(old) ? { fields: { [field]: { fact: NEW_ID } } } : {}),
      warnings: afterwards(account, leaked, isDeleted),
    };
  }

  async close(): Promise<void> {
    await this.#at.client.close();
  }

  /** Returns the id of the key whose public half belongs to this private one. Throws RotationError `not-found`. */
  async #find(value: Secret, signal: AbortSignal): Promise<string> {
    const key = privateKeyIn(value);
    if (key === null) throw cannot('the value is no private key');
    const wanted = spkiOf(createPublicKey(key));
    const { keys } = await listKeys(this.#at, signal);
    for (const { id } of keys) if (spkiOf(publicKeyIn(await certificateOf(this.#at, id, signal), id)).equals(wanted)) return id;
    throw new RotationError('not-found', `the value is none of the ${keys.length} keys of ${this.#at.account}`, { mayHaveHappened: false });
  }

  async #checkRoom(signal: AbortSignal): Promise<void> {
    const { account } = this.#at;
    const { keys } = await listKeys(this.#at, signal);
    if (keys.length >= MOST_KEYS)
      throw cannot(`${account} has ${keys.length} keys, and Google allows ${MOST_KEYS}: delete one that is not used first`);
  }
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function publicKeyIn(certificate: string, id: string): KeyObject {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch (error) {
    throw new RotationError('odd-reply', `Google gave no certificate for ${id}`, { mayHaveHappened: false, cause: error });
  }
}
