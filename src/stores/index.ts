/** The registry of secrets stores: a new kind is one file and one line here; the contract suite (test/stores/contract.ts) then covers it. */
import { aws } from './aws.ts';
import { azure } from './azure.ts';
import { envFiles } from './env-files.ts';
import { gcp } from './gcp.ts';
import { local } from './local.ts';
import { sops } from './sops.ts';
import type { StoreKind } from './store-kind.ts';
import { vault } from './vault.ts';

export const STORE_KINDS: readonly StoreKind[] = [local, envFiles, sops, vault, aws, azure, gcp];
