/**
 * The identity of a GitHub Actions job: a token that says which repository, branch and workflow it is, made by the runner's own endpoint for an audience. Vault, AWS,
 * Azure and Google take it in exchange for theirs, so no credential is kept in GitHub. The job needs the permission `id-token: write`.
 * Interface: docs.github.com "OpenID Connect reference". Called by vault-auth.ts, and by the Action for the other clouds.
 */
import { StoreError } from '../core/stores.ts';
import { ask, expectSuccess, jsonOf, textOf } from './store-http.ts';
import type { StoreContext } from './store-kind.ts';

export function hasActionsIdToken(env: StoreContext['env']): boolean {
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'];
  return Boolean(url) && URL.canParse(url ?? '') && Boolean(env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']);
}

/** `audience` undefined: the address of the repository's owner. Throws StoreError. */
export async function actionsIdToken(
  audience: string | undefined,
  { env, createClient }: Pick<StoreContext, 'env' | 'createClient'>,
  signal: AbortSignal,
): Promise<string> {
  if (!hasActionsIdToken(env))
    throw new StoreError('misconfigured', 'this job cannot say who it is: it lacks the permission id-token: write');
  const url = new URL(env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
  if (audience !== undefined) url.searchParams.set('audience', audience);
  const client = createClient({ origins: [url.origin] });
  try {
    const what = `the token request to ${url.host}`;
    const headers = { authorization: `Bearer ${env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}` };
    const reply = await ask(client, { method: 'GET', url: url.href, headers, signal });
    expectSuccess(reply, what);
    return textOf(jsonOf(reply, what), 'value', what);
  } finally {
    await client.close();
  }
}
