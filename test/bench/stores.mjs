// What it costs to read a store: `leakwarden store sync` of a real OpenBao with 2,000 secrets of five versions, the first time, a second time with nothing moved, and
// a third time with 20 secrets moved. Requests are counted by the server's own audit log.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { runNodeWithUsage } from './measure.mjs';
import { BIN, cachePath } from './place.mjs';
import { formatTable } from './table.mjs';

const SECRETS = 2000;
const VERSIONS = 5;
const MOVED = 20;
/** Writes at a time. */
const WIDTH = 16;

export async function benchStores({ checks, print }) {
  const { findOpenBao, startOpenBao, ROOT_TOKEN } = await loadFromSource();
  const binary = findOpenBao();
  if (!binary) throw new Error('there is no OpenBao: LEAKWARDEN_OPENBAO names its binary; .ci/run installs one');
  const bao = await startOpenBao(binary);
  const home = cachePath('bench/stores-home');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const run = (...words) => runNodeWithUsage([BIN, ...words], { cwd: home, env: { HOME: home, VAULT_TOKEN: ROOT_TOKEN } });
  const asked = () => readFileSync(bao.auditLog, 'latin1').match(/"type":"request"/g)?.length ?? 0;
  try {
    await fill(bao);
    run('store', 'add', 'vault', '--name', 'team', '--address', bao.origin, '--path', 'secret');
    const rows = [];
    const sync = (name) => {
      const before = asked();
      const { wallMs, cpuMs, memoryMb, stdout } = run('store', 'sync');
      const [, read, requests] = /(\d+) read anew, .* ([\d,]+) requests/.exec(stdout) ?? [];
      const row = { name, read: Number(read), requests: asked() - before, wallMs, cpuMs, memoryMb };
      checks.equal(`requests that the program counts (${name})`, Number(requests), row.requests);
      rows.push(row);
    };
    sync('first sync');
    sync('second sync');
    for (let n = 0; n < MOVED; n++) await put(bao, 100 * n, VERSIONS + 1);
    sync(`${MOVED} secrets moved`);
    checks.equal(
      'secrets that were read',
      rows.map(({ read }) => read),
      [SECRETS, 0, MOVED],
    );
    const indexBytes = statSync(join(home, '.local/state/leakwarden/index')).size;
    const heading = ['', 'secrets read', 'requests', 'wall s', 'CPU s', 'peak MB'];
    const lines = rows.map(({ name, read, requests, wallMs, cpuMs, memoryMb }) => [
      name,
      read,
      requests,
      (wallMs / 1000).toFixed(1),
      (cpuMs / 1000).toFixed(1),
      memoryMb,
    ]);
    print(
      `stores\n  OpenBao on this machine, ${SECRETS} secrets of ${VERSIONS} versions in KV v2; the index is ${(indexBytes / 1e6).toFixed(1)} MB\n${formatTable([heading, ...lines])}`,
    );
    return { secrets: SECRETS, versions: VERSIONS, indexBytes, rows };
  } finally {
    await bao.stop();
  }
}

async function fill(bao) {
  for (let version = 1; version <= VERSIONS; version++) {
    for (let n = 0; n < SECRETS; n += WIDTH)
      await Promise.all(Array.from({ length: Math.min(WIDTH, SECRETS - n) }, (_, i) => put(bao, n + i, version)));
  }
}

function put(bao, n, version) {
  const password = createHash('sha256').update(`${n} ${version}`).digest('base64url');
  return bao.call('POST', `secret/data/team-${n % 20}/app-${n}`, { data: { user: `app-${n}`, password } });
}
