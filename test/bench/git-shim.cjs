#!/usr/bin/env node
// Stands before git in PATH for one run of the guard benchmark: notes the call, then does what git does. Times are not taken from that run.
const { spawnSync } = require('node:child_process');
const { appendFileSync, fstatSync, readFileSync } = require('node:fs');

const started = Date.now() - process.uptime() * 1000;
const kind = fstatSync(0);
const input = kind.isFIFO() || kind.isSocket() || kind.isFile() ? readFileSync(0, 'latin1') : null;
const args = process.argv.slice(2);
const { BENCH_GIT_LOG: log, BENCH_REAL_PATH: path, ...env } = process.env;
const { status, stdout, stderr } = spawnSync('git', args, {
  env: { ...env, PATH: path },
  input: input === null ? undefined : Buffer.from(input, 'latin1'),
  maxBuffer: 1 << 30,
});
appendFileSync(log, `${JSON.stringify({ started, ended: Date.now(), args, input, cwd: process.cwd() })}\n`);
process.stdout.write(stdout, () => process.stderr.write(stderr, () => process.exit(status)));
