/**
 * The `.env` files beside the code as a store that is only read: those that git ignores, since there people keep what must not be committed. Each variable is
 * a secret `path#NAME` with one version, the one in the file. Settings: `folder`. git says which files are ignored; nothing is written, nobody is asked.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Problem } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { pathText, splitAtNul } from '../git/path-text.ts';
import { runGit } from '../git/run-git.ts';
import { type EnvVariable, parseEnv } from './env-files-parse.ts';
import { type StoreContext, type StoreKind, settingOf } from './store-kind.ts';

const MAX_ENV_FILE_BYTES = 1 << 20;
const MAX_ENV_FILES = 1000;
const MAX_VARIABLES = 5000;
/** All ignored files are walked, those of packages and builds too. */
const GIT_TIMEOUT_MS = 60_000;

/** Packages bring `.env` files for their own tests. */
const FOREIGN_FOLDERS = new Set(['node_modules', 'site-packages', 'vendor']);
/** Last words of names that say where or how, and open nothing. */
const PLAIN_WORDS = new Set('HOST HOSTNAME PORT ENV LEVEL REGION ZONE TZ LANG LOCALE DIR FOLDER VERSION TIMEOUT'.split(' '));
/** Values that are none: encrypted by dotenvx, looked up elsewhere by 1Password's and vals' programs. */
const LOOKED_UP = ['encrypted:', 'op://', 'ref+'];

export const envFiles: StoreKind = {
  kind: 'env-files',
  name: '.env files that git ignores',
  settings: [{ name: 'folder', help: 'where to look, inside a git work tree (default: the current folder)' }],
  create: (settings, context) => new EnvFiles(resolve(context.folder, settingOf(settings, 'folder') ?? '.'), context.env),
};

type EnvFile = { readonly mode: number; readonly mtime: Date; readonly change: string; readonly variables: readonly EnvVariable[] };

class EnvFiles implements SecretStore {
  readonly kind = 'env-files';
  readonly id: string;
  readonly #folder: string;
  readonly #env: StoreContext['env'];

  constructor(folder: string, env: StoreContext['env']) {
    this.id = `env-files:${folder}`;
    this.#folder = folder;
    this.#env = env;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const { paths } = await this.#list(signal);
    const tooMuch = paths.flatMap((path) => {
      const file = this.#readOrReason(path);
      if (typeof file === 'string' || process.platform === 'win32' || (file.mode & 0o077) === 0) return [];
      return [`${path} is open to others (mode ${(file.mode & 0o777).toString(8).padStart(3, '0')}); 0600 is enough`];
    });
    return { identity: `whoever may read the files in ${this.#folder}`, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncGenerator<StoredSecret | Problem> {
    const { paths, problems } = await this.#list(signal);
    yield* problems;
    for (const path of paths) {
      signal.throwIfAborted();
      const file = this.#readOrReason(path);
      if (typeof file === 'string') yield this.#problem(path, file);
      else
        for (const { name } of file.variables) {
          // No time of its own: the file's is of whichever variable was changed last.
          const version: StoredVersion = { id: file.mtime.toISOString(), state: 'current', createdAt: null, endedAt: null };
          yield { ref: `${path}#${name}`, change: file.change, versions: [version] };
        }
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncGenerator<StoredValue | Problem> {
    signal.throwIfAborted();
    const [version] = versions;
    if (version === undefined) return;
    // A path may hold `#`; a name does not.
    const path = ref.slice(0, ref.lastIndexOf('#'));
    const file = this.#readOrReason(path);
    const found = typeof file === 'string' ? undefined : file.variables.find(({ name }) => `${path}#${name}` === ref);
    if (found !== undefined) yield { ref, version: version.id, field: '', value: new Secret(found.value, this.kind) };
    else yield this.#problem(ref, typeof file === 'string' ? file : 'the variable is not in the file any more');
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  /** Paths relative to the folder, sorted. Throws StoreError misconfigured outside of a work tree. */
  async #list(signal: AbortSignal): Promise<{ readonly paths: readonly string[]; readonly problems: readonly Problem[] }> {
    const fields = await this.#ignored(signal);
    const problems: Problem[] = [];
    const paths = fields
      .flatMap((field) => {
        if (typeof field === 'string') return [field];
        problems.push(this.#problem(pathText(field), 'its name is no UTF-8'));
        return [];
      })
      .filter((path) => basename(path).startsWith('.env') && !path.split('/').some((part) => FOREIGN_FOLDERS.has(part)))
      .sort();
    if (paths.length > MAX_ENV_FILES) problems.push(this.#problem(this.#folder, `there are more than ${MAX_ENV_FILES} such files`));
    return { paths: paths.slice(0, MAX_ENV_FILES), problems };
  }

  async #ignored(signal: AbortSignal): Promise<readonly (string | Buffer)[]> {
    const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--', ':(glob)**/.env*'];
    try {
      const { stdout } = await runGit(args, {
        cwd: this.#folder,
        env: this.#env,
        signal,
        repository: 'by-path',
        timeoutMs: GIT_TIMEOUT_MS,
      });
      return splitAtNul(stdout, Buffer.alloc(0)).fields;
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
      throw new StoreError('misconfigured', `the ignored files of ${this.#folder} cannot be listed: ${error.message}`, { cause: error });
    }
  }

  /** Returns the file, or why it cannot be read. Follows no link: it may lead to what is no business of this folder. */
  #readOrReason(path: string): EnvFile | string {
    let file: number;
    try {
      file = openSync(join(this.#folder, path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      return code === 'EACCES' ? 'permission denied' : code === 'ELOOP' ? 'it is a link' : 'it is gone, or cannot be opened';
    }
    try {
      const stat = fstatSync(file, { bigint: true });
      if (!stat.isFile()) return 'it is not a regular file';
      if (stat.size > MAX_ENV_FILE_BYTES) return `it is larger than ${MAX_ENV_FILE_BYTES >> 20} MiB`;
      const variables = parseEnv(readFileSync(file, 'utf8').replace(/^\ufeff/, ''), MAX_VARIABLES);
      if (variables === null) return `it holds more than ${MAX_VARIABLES} variables`;
      const change = [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('-');
      return { mode: Number(stat.mode), mtime: stat.mtime, change, variables: variables.filter(isSecret) };
    } finally {
      closeSync(file);
    }
  }

  #problem(where: string, reason: string): Problem {
    return { code: 'store-unreadable', where, data: { store: this.id, ref: where, reason } };
  }
}

function isSecret({ name, value }: EnvVariable): boolean {
  const isReference = LOOKED_UP.some((prefix) => value.startsWith(prefix)) || /^\$(?:\w+|\{[^}]*\}|\([^)]*\))$/.test(value);
  const isPlain = name.startsWith('DOTENV_PUBLIC_KEY') || PLAIN_WORDS.has(name.toUpperCase().split(/[_.-]/).at(-1) ?? '');
  return value !== '' && !isReference && !isPlain;
}
