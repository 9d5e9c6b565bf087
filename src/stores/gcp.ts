/**
 * Google Secret Manager as a secrets store: a project's secrets, global and regional. Lists name secrets and versions with their states; a value is one request,
 * whose bytes are checked by their CRC. Protocol: cloud.google.com/secret-manager/docs/reference/rest. References are `projects/P/secrets/NAME`.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { type GcpParent, GcpProject, listIn, statusOf, textIn } from './gcp-project.ts';
import { createGcpRotator } from './gcp-rotate.ts';
import { lastPart, readVersions, toStored } from './gcp-versions.ts';
import { expectSuccess, type Json, jsonOf, textOf } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf } from './store-kind.ts';

const KIND = 'gcp';
/** A million secrets of a location; there is no stated limit. */
const MAX_PAGES = 10_000;
/** Lists asked for side by side. */
const LISTS_AT_A_TIME = 8;
/** Rights that reading does not need, and what they are for. */
const BEYOND: Readonly<Record<string, string>> = {
  'secretmanager.versions.add': 'write new versions',
  'secretmanager.versions.disable': 'switch versions off',
  'secretmanager.versions.destroy': 'destroy versions',
  'secretmanager.secrets.update': 'change secrets',
  'secretmanager.secrets.delete': 'delete secrets',
  'secretmanager.secrets.setIamPolicy': 'give others rights',
};

export const gcp: StoreKind = {
  kind: KIND,
  name: 'Google Secret Manager',
  settings: [
    { name: 'project', help: 'project; else GOOGLE_CLOUD_PROJECT' },
    { name: 'location', help: 'global, or the regions of regional secrets; else global', isList: true },
    { name: 'filter', help: 'only these secrets, in Google’s language: labels.env=prod' },
    { name: 'credentials-file', help: 'else GOOGLE_APPLICATION_CREDENTIALS, gcloud’s file, the metadata server' },
    { name: 'token-variable', help: 'variable that holds an access token' },
    { name: 'endpoint', help: 'address of Secret Manager, for Private Service Connect' },
  ],
  create: (settings, context) => new GcpStore(settings, context),
  createRotator: createGcpRotator,
};

class GcpStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #project: GcpProject;
  readonly #filter: string;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#project = new GcpProject(settings, context);
    this.#filter = settingOf(settings, 'filter') ?? '';
    this.id = this.#project.id;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const tooMuch: string[] = [];
    for (const parent of this.#project.parents) {
      const what = `GET ${parent.path}/secrets`;
      const [first] = listIn(await this.#project.get(parent, `${parent.path}/secrets?pageSize=1`, signal), 'secrets', what);
      if (first && tooMuch.length === 0) tooMuch.push(...(await this.#rightsBeyond(parent, lastPart(textOf(first, 'name', what)), signal)));
    }
    return { identity: this.#project.identity, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    for (const parent of this.#project.parents) {
      for await (const page of this.#project.pages(parent, `${parent.path}/secrets`, 'secrets', this.#filter, MAX_PAGES, signal)) {
        for (let from = 0; from < page.length; from += LISTS_AT_A_TIME) {
          const some = page.slice(from, from + LISTS_AT_A_TIME);
          yield* (await Promise.all(some.map((one) => this.#described(parent, one, signal)))).flat();
        }
      }
    }
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { ref } = secret;
    const parent = this.#project.parentOf(ref);
    if (!parent) throw new StoreError('misconfigured', `${ref} is of a project or location that is not read`);
    for (const { id, state } of versions) {
      if (state === 'disabled' || state === 'destroyed') continue;
      const what = 'Google versions.access';
      const reply = await this.#project.ask(parent, `${ref}/versions/${encodeURIComponent(id)}:access`, signal);
      // 400 is FAILED_PRECONDITION: switched off or destroyed since it was listed.
      if ([400, 403, 404].includes(reply.status)) yield this.#problem(ref, `version ${id}: ${reply.status} ${statusOf(reply)}`);
      else {
        expectSuccess(reply, what);
        const text = textIn(jsonOf(reply, what));
        if (text === null) yield this.#problem(ref, `version ${id}: its bytes do not fit their checksum`);
        else yield { ref, version: id, field: '', value: new Secret(text, KIND) };
      }
    }
  }

  async close(): Promise<void> {
    await this.#project.api.client.close();
  }

  async #described(parent: GcpParent, secret: Json, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    // Google answers with the project's number; the owner knows its name.
    const ref = `${parent.path}/secrets/${lastPart(textOf(secret, 'name', 'Google secrets.list'))}`;
    let items: Json[];
    try {
      items = await this.#project.versions(parent, ref, signal);
    } catch (error) {
      if (error instanceof StoreError && (error.status === 403 || error.status === 404))
        return [this.#problem(ref, `its versions cannot be listed: ${error.status}`)];
      throw error;
    }
    const versions = readVersions(items, secret['versionAliases']);
    // A secret may be made before its first version.
    return versions.length === 0 ? [] : [toStored(ref, versions)];
  }

  /** Asks what else may be done with one secret; a credential that may not ask that, is not told. */
  async #rightsBeyond(parent: GcpParent, name: string, signal: AbortSignal): Promise<string[]> {
    const question = { permissions: Object.keys(BEYOND) };
    const reply = await this.#project.ask(parent, `${parent.path}/secrets/${name}:testIamPermissions`, signal, question);
    if (reply.status !== 200) return [];
    const granted = jsonOf(reply, 'Google testIamPermissions')['permissions'];
    const rights = Object.entries(BEYOND).filter(([right]) => Array.isArray(granted) && granted.includes(right));
    return rights.map(([right, what]) => `it may also ${what} (${right}, seen on ${name}): narrow the role`);
  }

  #problem(ref: string, reason: string): Problem {
    return { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason } };
  }
}
