/**
 * Changes secrets of Vault and OpenBao: finds the one mount that a place lies in, and plans by its engine. In: a place; out: what would be done. Called through the
 * registry. What is done where: vault-kv2-rotate.ts, vault-kv1-rotate.ts, vault-static-rotate.ts (passwords that the database engine makes), vault-lease-rotate.ts.
 */
import type { FieldTexts, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { cannot, moved, reading } from './rotation-failures.ts';
import { STATIC } from './vault-database.ts';
import { planKv1 } from './vault-kv1-rotate.ts';
import { planKv2 } from './vault-kv2-rotate.ts';
import { planLease } from './vault-lease-rotate.ts';
import type { VaultPlace } from './vault-place.ts';
import { placeOf, type VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';
import { planStaticRole } from './vault-static-rotate.ts';

export type VaultRotatorOptions = {
  readonly session: VaultSession;
  /** That of the store. */
  readonly id: string;
  readonly scopes: (signal: AbortSignal) => Promise<readonly VaultScope[]>;
  readonly now: () => Date;
};

export class VaultRotator implements StoreRotator {
  readonly id: string;
  readonly #options: VaultRotatorOptions;

  constructor(options: VaultRotatorOptions) {
    this.#options = options;
    this.id = options.id;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    const { session, scopes, now } = this.#options;
    const found = await reading(scopes(signal));
    const at = placeOf(
      place.ref,
      found.map((scope) => ({ ...scope, path: '' })),
    );
    const isWithin = found.some(
      ({ path, ...mount }) => mount.mount === at?.scope.mount && mount.namespace === at.scope.namespace && isBelow(at.path, path),
    );
    if (!at || at.path === '') throw moved(`${place.ref} is in no mount that the credential may know of`);
    if (!isWithin) throw cannot(`${place.ref} is outside of the paths that the settings of this store name`);
    const { scope, path } = at;
    const asked: VaultPlace = { session, scope, path, place, isBegun, fields, now, signal };
    if (scope.engine === 'kv2') return planKv2(asked);
    if (scope.engine === 'kv1') return planKv1(asked);
    return scope.engine === 'database' && path.startsWith(STATIC) ? planStaticRole(asked) : planLease(asked);
  }

  close(): Promise<void> {
    return this.#options.session.close();
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
