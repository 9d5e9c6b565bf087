/**
 * Clones what lies elsewhere (an https, ssh or file URL, a bundle file) into a temporary folder for an audit: bare, all refs, and removed
 * afterwards. By simple-git, which is loaded for this alone (docs/decisions/0010-simple-git.md).
 *
 * The other side is hostile: no other protocol, no submodule, no hook or template, no prompt, no work tree and so no filter; limits of time
 * and size. Credentials come from the user's own helpers and agents.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reasonOf, ToolError } from '../core/errors.ts';
import { type Environment, gitEnvironment, HARDENED_SETTINGS } from './environment.ts';
import { accessVariables, protocolsFor, type RemoteAccess } from './remote-access.ts';

export type Clone = { readonly folder: string; remove(): void };

export type CloneOptions = {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** A token for the host; nothing of it stays in the clone. */
  readonly access?: RemoteAccess;
  /** Instead of CLONE_LIMIT_BYTES. */
  readonly limitBytes?: number;
  /** Instead of CLONE_TIMEOUT_MS. */
  readonly timeoutMs?: number;
  /** Where the clone's folder is made, instead of the system's place for such. */
  readonly within?: string;
};

/** The largest hosted repositories take an hour on a good line. */
export const CLONE_TIMEOUT_MS = 7_200_000;

/** A server may send without end; beyond this one clones by hand. */
export const CLONE_LIMIT_BYTES = 64 * 1024 * 1024 * 1024;

const LOOK_EVERY_MS = 500;

/** Variables of git's that get through: how the user reaches private servers. simple-git takes all others away. */
const ALLOWED = ['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_SSL_NO_VERIFY', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_PROXY_SSL_CAINFO'];
const OWN = [
  'GIT_TERMINAL_PROMPT',
  'GIT_ALLOW_PROTOCOL',
  'GIT_LFS_SKIP_SMUDGE',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_SYSTEM',
];

const BUNDLE_OPENING = /^# v\d+ git bundle\n/;

/** Returns whether a text is an address and no path: it has a scheme, or is `user@host:path`. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:(?:\/\/|:)/i.test(text) || /^[\w.-]+@[\w.-]+:(?!\\)/.test(text);
}

/** Returns whether git may be given this address: https, ssh or file, and nothing that could be an option. */
export function isCloneable(url: string): boolean {
  return /^(?:https|ssh|file):\/\/[^-\s][^\s]*$/i.test(url) || /^\w[\w.-]*@\w[\w.-]*:[^-\s][^\s]*$/.test(url);
}

/** Returns whether the file (absolute) is a bundle. */
export function isBundle(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const descriptor = openSync(file, 'r');
  try {
    const opening = Buffer.alloc(20);
    return BUNDLE_OPENING.test(opening.toString('latin1', 0, readSync(descriptor, opening)));
  } finally {
    closeSync(descriptor);
  }
}

/** Clones a URL or a bundle. Throws ToolError: clone-failed (`shown` names it), interrupted. Call `remove` in any case. */
export async function cloneBare(from: string, shown: string, options: CloneOptions): Promise<Clone> {
  const { signal, limitBytes = CLONE_LIMIT_BYTES, timeoutMs = CLONE_TIMEOUT_MS } = options;
  const folder = realpathSync(mkdtempSync(path.join(options.within ?? tmpdir(), 'leakwarden-clone-')));
  const remove = (): void => {
    process.removeListener('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  // A second Ctrl-C ends the process at once.
  process.once('exit', remove);
  const limit = new AbortController();
  let reason = '';
  const stop = (because: string): void => {
    reason = because;
    limit.abort();
  };
  const onAbort = (): void => stop('interrupted');
  signal.addEventListener('abort', onAbort, { once: true });
  const time = setTimeout(() => stop(`it took longer than ${timeoutMs / 60_000} minutes`), timeoutMs);
  const size = setInterval(() => {
    if (bytesIn(folder) > limitBytes) stop(`it is larger than ${limitBytes} bytes`);
  }, LOOK_EVERY_MS);
  try {
    if (signal.aborted) throw new ToolError('interrupted');
    await clone(from, path.join(folder, 'repository.git'), options, limit.signal);
    // It may have come between two looks.
    if (bytesIn(folder) > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
    return { folder: path.join(folder, 'repository.git'), remove };
  } catch (error) {
    remove();
    if (signal.aborted) throw new ToolError('interrupted', {}, { cause: error });
    throw new ToolError('clone-failed', { path: shown, reason: reason === '' ? lastWords(reasonOf(error)) : reason }, { cause: error });
  } finally {
    clearTimeout(time);
    clearInterval(size);
    signal.removeEventListener('abort', onAbort);
  }
}

async function clone(from: string, to: string, { env, access }: CloneOptions, abort: AbortSignal): Promise<void> {
  const { simpleGit } = await import('simple-git');
  const ofAccess = accessVariables(access);
  const full = gitEnvironment(env, 'by-path', path.dirname(to));
  const own = Object.entries(full).filter(
    ([name]) => !/^(?:GIT_|EDITOR$|PAGER$|PREFIX$|SSH_ASKPASS$)/i.test(name) || [...ALLOWED, ...OWN].includes(name),
  );
  const settings: Record<string, string | undefined> = {
    ...Object.fromEntries(own),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocolsFor(from, access),
    GIT_LFS_SKIP_SMUDGE: '1',
    // ssh must not ask either.
    GIT_SSH_COMMAND: full['GIT_SSH_COMMAND'] ?? (full['GIT_SSH'] === undefined ? 'ssh -oBatchMode=yes' : undefined),
    ...ofAccess,
  };
  const git = simpleGit({
    baseDir: path.dirname(to),
    abort,
    allowEnvironment: [...ALLOWED, ...OWN, ...Object.keys(ofAccess)],
    config: HARDENED_SETTINGS.filter((_, index) => index % 2 === 1),
    // What is blocked by default is what we set: the value that switches it off. The rest are the user's own settings.
    unsafe: {
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafePager: true,
      allowUnsafeDiffExternal: true,
      allowUnsafeTemplateDir: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: access !== undefined,
      allowUnsafeCredentialHelper: access !== undefined,
    },
    // Without it a git that was killed counts as one that succeeded.
    errors: (error, result) => error ?? (result.exitCode === 0 ? undefined : Buffer.concat(result.stdErr)),
  });
  await git
    .env(Object.fromEntries(Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))))
    .clone(from, to, ['--mirror', '--no-recurse-submodules', '--template=', '--quiet']);
}

/** Bytes of the files below a folder; a clone has few of them. */
function bytesIn(folder: string): number {
  let bytes = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true })) {
      bytes += statSync(path.join(folder, String(name)), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // A folder that went away while it was read: looked at again soon.
  }
  return bytes;
}

/** Returns git's own complaint without addresses' passwords. */
function lastWords(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.filter((one) => /^(?:fatal|error|remote): /.test(one)).at(-1) ?? lines.at(-1) ?? 'git said nothing';
  return line.slice(0, 500).replace(/:\/\/[^@/\s]*@/g, '://…@');
}
