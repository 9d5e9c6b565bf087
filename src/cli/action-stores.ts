/**
 * The secrets stores of an Action's run: the inputs that name them in, an environment in which the index is found out. Lists and index lie in a private folder of the job,
 * which is gone when the run ends; keys and tokens are in memory only. Called by run-action.ts before the scan.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cloudIdentity } from '../action/cloud-identity.ts';
import type { Inputs } from '../action/inputs.ts';
import type { Runner } from '../action/runner.ts';
import { KEY_BYTES } from '../check/index-keys.ts';
import { EXIT, reasonOf, ToolError } from '../core/errors.ts';
import { StoreError } from '../core/stores.ts';
import { HttpClient } from '../net/http-client.ts';
import { actionsIdToken } from '../stores/actions-id-token.ts';
import type { Io } from './io.ts';
import { ALL_COMMANDS } from './store-settings.ts';
import { writePrivateFile } from './user-files.ts';

export type ActionStores = {
  /** For the scan: its environment knows where the index is. */
  readonly io: Io;
  /** Sentences for people: what could not be read. */
  readonly notes: readonly string[];
  remove(): void;
};

/** Throws ToolError bad-input, stores-invalid, index-key-invalid, output-failed. */
export async function prepareStores(inputs: Inputs, io: Io, runner: Runner, signal: AbortSignal): Promise<ActionStores> {
  const [stores, key, file] = [inputs.text('stores'), inputs.text('index-key'), inputs.text('index-file')];
  if (stores === '' && file === '') return { io, notes: [], remove: () => undefined };
  if (stores === '' && key === '')
    throw new ToolError('bad-input', { message: 'index-file needs index-key, the key that the index was made with' });
  const made = key === '' ? randomBytes(KEY_BYTES).toString('hex') : key;
  if (key === '') runner.mask(made);
  const folder = mkdtempSync(join(io.env['RUNNER_TEMP'] || tmpdir(), 'leakwarden-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const own: Io = {
      ...io,
      env: { ...io.env, LEAKWARDEN_INDEX_KEY: made, XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state') },
    };
    const index = join(folder, 'state', 'leakwarden', 'index');
    const outside = file === '' ? null : resolve(io.cwd, file);
    if (outside !== null && existsSync(outside)) copyPrivately(outside, index);
    else if (stores === '')
      throw new ToolError('bad-input', { message: `index-file: there is no file ${file}, and no stores to make it from` });
    const notes = stores === '' ? [] : await sync(inputs, own, folder, runner, signal);
    if (outside !== null && stores !== '' && existsSync(index)) copyPrivately(index, outside);
    return { io: own, notes, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Reads the stores into the index. One that cannot be read makes verdicts unknown, not the scan incomplete. */
async function sync(inputs: Inputs, io: Io, folder: string, runner: Runner, signal: AbortSignal): Promise<string[]> {
  const path = join(folder, 'config', 'leakwarden', 'stores.toml');
  writePrivateFile(path, `${inputs.text('stores')}\n`);
  const ask = async (audience: string): Promise<string> => {
    const token = await actionsIdToken(
      audience,
      { env: io.env, createClient: (options) => new HttpClient({ ...options, env: io.env }) },
      signal,
    );
    runner.mask(token);
    return token;
  };
  const identity = cloudIdentity(inputs, ask);
  const command = ALL_COMMANDS.find(({ path: words }) => words.join(' ') === 'store sync');
  if (command === undefined) throw new Error('there is no command store sync');
  const ttl = inputs.text('index-ttl');
  const options = ttl === '' ? [] : [{ name: 'ttl', value: ttl }];
  const { run } = await import('./commands/store-sync.ts');
  try {
    const code = await run({ command, operands: [], options }, { ...io, env: { ...io.env, ...identity.env }, held: identity.held });
    return code === EXIT.incomplete ? ['not all stores could be read (see the log), so what they hold is not known to be live'] : [];
  } catch (error) {
    if (error instanceof ToolError && error.code === 'stores-invalid')
      throw new ToolError('stores-invalid', { ...error.data, path: 'the input stores' }, { cause: error });
    if (error instanceof StoreError)
      throw new ToolError('stores-invalid', { path: 'the input stores', reason: error.message }, { cause: error });
    throw error;
  }
}

function copyPrivately(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  } catch (error) {
    throw new ToolError('output-failed', { path: to, reason: reasonOf(error) }, { cause: error });
  }
}
