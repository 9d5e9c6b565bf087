/** The registry of secrets stores: a new kind is one file and one line here; the contract suite (test/stores/contract.ts) then covers it. */
import { aws } from './aws.ts';
import { azure } from './azure.ts';
import { ccp } from './ccp.ts';
import { conjur } from './conjur.ts';
import { delinea } from './delinea.ts';
import { doppler } from './doppler.ts';
import { envFiles } from './env-files.ts';
import { gcp } from './gcp.ts';
import { infisical } from './infisical.ts';
import { kubernetes } from './kubernetes.ts';
import { local } from './local.ts';
import { onepassword } from './onepassword.ts';
import { pvwa } from './pvwa.ts';
import { sops } from './sops.ts';
import type { StoreKind } from './store-kind.ts';
import { vault } from './vault.ts';

export const STORE_KINDS: readonly StoreKind[] = [
  local,
  envFiles,
  sops,
  vault,
  aws,
  azure,
  gcp,
  kubernetes,
  conjur,
  pvwa,
  ccp,
  delinea,
  doppler,
  onepassword,
  infisical,
];
