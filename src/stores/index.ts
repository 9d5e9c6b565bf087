/** The registry of secrets stores: a new kind is one file and one line here; the contract suite (test/stores/contract.ts) then covers it. */
import type { StoreKind } from './store-kind.ts';
import { vault } from './vault.ts';

export const STORE_KINDS: readonly StoreKind[] = [vault];
