/** A user's folders with a local store, a service whose password it keeps, a leak of it in a repository, and the built program to rotate it; put back to the beginning at will. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { reveal } from '../../src/core/secret.ts';
import { type JournalCheck, verifyJournal } from '../../src/rotate/verify-journal.ts';
import { LocalStore } from '../../src/stores/local-store.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? join(ROOT, 'bin/leakwarden.cjs');
const KILLER = join(ROOT, 'fixtures/rotation/kill-at.mjs');

export type Shown = { readonly status: number | null; readonly signal: string | null; readonly stdout: string; readonly stderr: string };

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export class RotationHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'leakwarden-rotation-'));
  readonly home = join(this.folder, 'home');
  readonly old: string;
  plan = '';
  finding = '';

  constructor(seed: string, rotators = '') {
    this.old = createHash('sha256').update(seed).digest('base64url').slice(0, 32);
    const config = join(this.home, '.config/leakwarden');
    mkdirSync(config, { recursive: true });
    mkdirSync(join(this.home, 'work'));
    cpSync(join(ROOT, 'fixtures/rotation/service.mjs'), join(config, 'service.mjs'));
    writeFileSync(join(config, 'service.json'), JSON.stringify({ takes: [digest(this.old)], changes: [] }));
    writeFileSync(
      join(config, 'rotators.toml'),
      `${rotators}
[[rotator]]
name = "app"
issuer = "command"
store = "mine"
ref = "app/db"
program = "service.mjs"
variables = ["SERVICE_KILLS", "SERVICE_FAILS", "SERVICE_CREATES"]
settle-seconds = 0
proof-seconds = 0
`,
      { mode: 0o600 },
    );
    this.run(['store', 'put', 'app/db'], {}, this.old);
    this.run(['store', 'add', 'local', '--name', 'mine']);
    this.run(['store', 'sync']);
    writeFileSync(join(this.home, 'work/app.env'), `DB_PASSWORD=${this.old}\n`);
    for (const words of [
      ['init', '-q', '.'],
      ['add', '.'],
      ['commit', '-qm', 'x'],
    ])
      spawnSync('git', words, { cwd: join(this.home, 'work'), env: this.#env({}) });
    const found = this.run(['scan', '--format', 'json', '--fail-on', 'never']).stdout;
    this.finding = (JSON.parse(found) as { findings: { id: string }[] }).findings[0]?.id ?? '';
  }

  /** Makes a plan, and keeps everything as it is now. */
  begin(...words: readonly string[]): Shown {
    const shown = this.run(['rotate', this.finding, '--json', '--output', 'plan.json', '--quiet', ...words]);
    this.plan = join(this.home, 'work/plan.json');
    cpSync(this.home, join(this.folder, 'beginning'), { recursive: true });
    return shown;
  }

  /** Puts all back. */
  again(): void {
    rmSync(this.home, { recursive: true, force: true });
    cpSync(join(this.folder, 'beginning'), this.home, { recursive: true });
  }

  apply(env: Readonly<Record<string, string>> = {}): Shown {
    return this.run(['rotate', '--apply', this.plan, '--approve', 'alice', '--quiet'], env);
  }

  run(words: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Shown {
    const args = env['LEAKWARDEN_KILL_AT'] === undefined ? [PROGRAM] : ['--import', KILLER, PROGRAM];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args, ...words], {
      cwd: join(this.home, 'work'),
      env: this.#env(env),
      input,
      encoding: 'utf8',
    });
    return { status, signal, stdout, stderr };
  }

  /** What `spawn` is given, for a run beside others. */
  command(words: readonly string[]): [string, string[], { cwd: string; env: Record<string, string> }] {
    return [process.execPath, [PROGRAM, ...words], { cwd: join(this.home, 'work'), env: this.#env({}) }];
  }

  /** What is true now, without any value. */
  async state() {
    const service = JSON.parse(readFileSync(join(this.home, '.config/leakwarden/service.json'), 'utf8')) as {
      takes: string[];
      changes: string[];
    };
    const folder = join(this.home, '.local/share/leakwarden/store');
    const store = new LocalStore({ folder, passphrases: { fromFile: async () => null, ask: async () => null }, now: () => new Date() });
    const versions = await store.versions('app/db');
    const value = (await store.fieldsOf('app/db', versions[0]?.id ?? ''))[''];
    const current = value ? reveal(value, 'compare') : '';
    const rotation = join(this.home, '.local/state/leakwarden/rotation');
    const escrow = join(rotation, 'escrow');
    return {
      takesOld: service.takes.includes(digest(this.old)),
      takesCurrent: service.takes.includes(digest(current)),
      taken: service.takes.length,
      isOldCurrent: current === this.old,
      versions: versions.map(({ id, state }) => `${id} ${state}`),
      kept: existsSync(escrow) ? readdirSync(escrow).length : 0,
      closed: existsSync(join(rotation, 'closed/findings.json')),
      changes: service.changes,
    };
  }

  checkLog(): JournalCheck {
    const config = join(this.home, '.config/leakwarden');
    return verifyJournal({
      folder: join(this.home, '.local/state/leakwarden/rotation'),
      keyFile: join(config, 'rotation-log.key'),
      checkpointFile: join(config, 'rotation-log.checkpoint'),
    });
  }

  log(): string {
    const file = join(this.home, '.local/state/leakwarden/rotation/journal.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    const git = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'A'],
        [`GIT_${who}_EMAIL`, 'a@example.com'],
      ]),
    );
    return { PATH: process.env['PATH'] ?? '', HOME: this.home, GIT_CONFIG_NOSYSTEM: '1', ...git, ...more };
  }
}
