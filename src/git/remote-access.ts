/**
 * How git asks a host on which somebody else keeps repositories: a token that goes to that host alone, and what the host has. The token travels in git's
 * environment as a header (GIT_CONFIG_COUNT, git-config(1)): never in an argument, which other users of the machine can see, and never in the clone's own
 * configuration. Redirects are refused with it, since git would take the header along. Called by audits of GitHub (src/cli/run-github-audit.ts).
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { runGit } from './run-git.ts';

/** `bases`: addresses (`https://github.com/`) that are asked, and under which the token counts; null: what everybody may read. */
export type RemoteAccess = { readonly bases: readonly string[]; readonly token: string | null };

/** What a host has of a repository. `digest` changes when any ref moves; `isEmpty`: there is none. */
export type RemoteRefs = { readonly digest: string; readonly isEmpty: boolean };

/** Lines of names and ids: a million refs. */
const MAX_BYTES = 256 << 20;
const TIMEOUT_MS = 600_000;

const LOOPBACK = /^http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/]/i;

/** Returns the variables by which git learns of the token. `x-access-token` is the name that GitHub has for any. */
export function accessVariables(access: RemoteAccess | undefined): Record<string, string> {
  if (access === undefined || access.token === null) return {};
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${access.token}`).toString('base64')}`;
  const settings = [
    ...access.bases.flatMap((base): [string, string][] => [
      [`http.${base}.extraHeader`, header],
      [`http.${base}.followRedirects`, 'false'],
    ]),
    // The owner's own helpers are not asked for another password when this one is refused.
    ['credential.helper', ''] as const,
  ];
  return {
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
    // A user who traces git sees headers without what they hold.
    GIT_TRACE_REDACT: '1',
  };
}

/** Returns the protocols that git may speak to reach an address; plain http for a host that was named as such, within this machine only. */
export function protocolsFor(url: string, access: RemoteAccess | undefined): string {
  const isNamed = access?.bases.some((base) => url.startsWith(base)) === true;
  return isNamed && LOOPBACK.test(url) ? 'http' : 'https:ssh:file';
}

/** Returns what the host has, or null if there is no such repository (or none that the token may see). Throws ToolError: git-failed, interrupted. */
export async function readRemoteRefs(
  url: string,
  { access, env, signal }: { readonly access?: RemoteAccess; readonly env: Environment; readonly signal: AbortSignal },
): Promise<RemoteRefs | null> {
  const own = withoutSettings(env);
  try {
    const { stdout } = await runGit(['ls-remote', '--quiet', '--symref', '--', url], {
      // No repository is round it whose configuration would count.
      cwd: path.parse(process.cwd()).root,
      env: { ...own, ...accessVariables(access), GIT_ALLOW_PROTOCOL: protocolsFor(url, access) },
      repository: 'by-path',
      signal,
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
    });
    return { digest: createHash('sha256').update(stdout).digest('hex'), isEmpty: stdout.length === 0 };
  } catch (error) {
    if (error instanceof ToolError && error.code === 'git-failed' && isNotThere(String(error.data['reason']))) return null;
    throw error;
  }
}

/** `fatal: repository 'https://…/' not found`: git's words for 404, in English, since LC_ALL is C. */
function isNotThere(reason: string): boolean {
  return /^fatal: repository '.*' not found$/.test(reason);
}

/** Settings of the user's that travel in the same variables give way. */
function withoutSettings(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+|PARAMETERS)$/.test(name)));
}
