/** What a job gives: outputs, SARIF, annotations within the limits, check runs, and what makes it fail. Through the bundled Action. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULTS } from '../../src/action/inputs.ts';
import { withLineHashes } from '../../src/action/upload-sarif.ts';
import { ROOT } from '../house/source-text.ts';
import { createJob, type Job, type JobResult, secretOf } from './job.ts';

const line = (secret: string): string => `const token = "${secret}";\n`;
const VALIDATOR = join(ROOT, '.ci/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool');

type Files = Readonly<Record<string, string>>;

/** Pushes files to `main` and runs the job of that push. */
async function open(before: Files): Promise<{ job: Job; push: (files: Files, inputs?: Files, env?: Files) => Promise<JobResult> }> {
  const job = await createJob();
  const commit = (files: Files): void => {
    for (const [name, content] of Object.entries(files)) job.origin.write(name, content);
    job.origin.commit('push');
  };
  commit({ 'README.md': 'words\n', ...before });
  return {
    job,
    push(files, inputs = {}, env = {}) {
      const from = job.id('HEAD');
      commit(files);
      job.checkout(job.id('HEAD'));
      return job.run('push', { ref: 'refs/heads/main', before: from, after: job.id('HEAD') }, inputs, env);
    },
  };
}

describe('fail-on', () => {
  it('new lets pass what the base holds, wherever it moves', async () => {
    const [old, fresh] = [secretOf('old'), secretOf('fresh')];
    const { push } = await open({ 'a.txt': line(old) });
    const moved = await push({ 'b.txt': line(old) }, { 'fail-on': 'new' });
    expect([moved.code, moved.outputs['findings'], moved.outputs['new-findings']]).toEqual([0, '1', '0']);
    expect(moved.summary).toContain('not new');
    const added = await push({ 'c.txt': line(fresh) }, { 'fail-on': 'new' });
    expect([added.code, added.outputs['new-findings']]).toEqual([1, '1']);
  });

  it('never lets all pass, live what is not live', async () => {
    const { push } = await open({});
    expect((await push({ 'a.txt': line(secretOf('1')) }, { 'fail-on': 'never' })).code).toBe(0);
    expect((await push({ 'a.txt': line(secretOf('2')) }, { 'fail-on': 'live' })).code).toBe(0);
  });
});

describe('a baseline', () => {
  it('keeps what is known out, and a change to it is said', async () => {
    const known = secretOf('known');
    const { job, push } = await open({ 'a.txt': line(known) });
    const made = spawnSync(process.execPath, [join(ROOT, 'bin/leakwarden.cjs'), 'baseline', 'create'], { cwd: job.origin.folder });
    expect(made.status).toBe(0);
    const result = await push({ 'b.txt': `${line(known)}password = "changeme"\n` });
    expect([result.code, result.outputs['findings']], result.log).toEqual([0, '0']);
    expect(result.log).toContain(`::add-mask::${known}`);
    // No word of the log is blanked for the sake of a placeholder.
    expect(result.log).not.toContain('::add-mask::changeme');
    expect(result.log).toContain('this change also touches what leakwarden reports: .leakwarden/baseline.jsonl');
  });
});

describe('SARIF', () => {
  it('has all files of the commit, is sent to code scanning, and knows results again when lines move', { timeout: 60_000 }, async () => {
    const [old, fresh] = [secretOf('old'), secretOf('fresh')];
    const { job, push } = await open({ 'a.txt': line(old) });
    const inputs = { 'sarif-file': 'out.sarif', 'report-file': 'out.json', 'upload-sarif': 'true' };
    const first = await push({ 'b.txt': line(fresh) }, inputs);
    expect([first.outputs['findings'], first.outputs['sarif-file'], first.outputs['report-file']]).toEqual(['1', 'out.sarif', 'out.json']);
    const file = join(job.workspace.folder, 'out.sarif');
    const { results } = JSON.parse(readFileSync(file, 'utf8')).runs[0];
    expect(
      results.map(
        (one: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
          one.locations[0]?.physicalLocation.artifactLocation.uri,
      ),
    ).toEqual(['a.txt', 'b.txt']);
    const [upload] = job.pull.uploads;
    expect([upload?.['commit_sha'], upload?.['ref']]).toEqual([job.id('HEAD'), 'refs/heads/main']);
    const hashes = (sent: unknown): string[] => {
      const log = JSON.parse(gunzipSync(Buffer.from(String(sent), 'base64')).toString());
      return log.runs[0].results.map(
        ({ partialFingerprints }: { partialFingerprints: Record<string, string> }) => partialFingerprints['primaryLocationLineHash'],
      );
    };
    const before = hashes(upload?.['sarif']);
    expect(before.every((hash) => /^[0-9a-f]{16}:1$/.test(hash))).toBe(true);
    const second = await push({ 'a.txt': `moved\n\n${line(old)}`, 'b.txt': `// ${'x'.repeat(50)}\n${line(fresh)}` }, inputs);
    expect(hashes(job.pull.uploads[1]?.['sarif'])).toEqual(before);
    for (const secret of [old, fresh]) for (const { everything } of [first, second]) expect(everything).not.toContain(secret);
    if (existsSync(VALIDATOR)) {
      const checked = spawnSync(process.execPath, [join(ROOT, 'test/tools/sarif-validate.mjs'), file], { encoding: 'utf8' });
      expect(checked.stdout, checked.stderr).toContain('1 passed, 0 failed');
    }
  });

  it('gets no hash of lines where there is no fingerprint', () => {
    const text = JSON.stringify({
      runs: [{ results: [{ message: {} }, { partialFingerprints: { 'leakwarden/v1': 'ab'.repeat(16) } }] }, {}],
    });
    const { results } = JSON.parse(withLineHashes(text)).runs[0];
    expect(results).toEqual([
      { message: {} },
      { partialFingerprints: { 'leakwarden/v1': 'ab'.repeat(16), 'primaryLocationLineHash': `${'ab'.repeat(8)}:1` } },
    ]);
  });
});

describe('annotations', () => {
  const many = (count: number): Files =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}.txt`, line(secretOf(`many ${at}`))]));

  it('of the step are no more than the runner keeps', async () => {
    const { push } = await open({});
    const result = await push(many(12), { 'check-run': 'false' });
    expect(result.outputs['findings']).toBe('12');
    expect(result.log.match(/^::error file=/gm)).toHaveLength(10);
    expect((await push({ 'x.txt': line(secretOf('x')) }, { 'check-run': 'false', 'annotations': 'false' })).log).not.toContain(
      '::error file=',
    );
  });

  it('of a check run come fifty at a time', { timeout: 60_000 }, async () => {
    const { job, push } = await open({});
    const result = await push(many(60));
    const counts = job.pull.checkRuns.map((run) => (run['output'] as { annotations: unknown[] }).annotations.length);
    expect([counts, job.pull.checkRuns[0]?.['conclusion']]).toEqual([[50, 10], 'failure']);
    expect(result.log).not.toContain('::error file=');
    expect(job.pull.checkRuns[0]?.['head_sha']).toBe(job.id('HEAD'));
  });

  it('and no page can be led astray by names of files', async () => {
    const { job, push } = await open({});
    const secret = secretOf('hostile');
    const names = [
      '::set-output name=x::y.txt',
      'a\n::error::b.txt',
      '##[add-path]x.txt',
      '`|<img src=x>@everyone[a](b).txt',
      `${secret}.txt`,
      'line%0Afeed.txt',
    ];
    const result = await push(Object.fromEntries(names.map((name) => [name, line(secret)])));
    expect(result.outputs['findings']).toBe('1');
    expect(result.everything).not.toContain(secret);
    expect(result.everything).not.toContain(encodeURIComponent(secret));
    const commands = outsideOfStops(result.log).match(/^\s*::[a-z-]+/gm) ?? [];
    expect([...new Set(commands)].sort()).toEqual(['::add-mask', '::endgroup', '::group', '::stop-commands'].sort());
    expect(outsideOfStops(result.log)).not.toContain('##[');
    const page = JSON.stringify(job.pull.checkRuns);
    // In a code span it is text.
    const bare = result.summary.replace(/``.*?``|`.*?`/g, '');
    expect(bare).not.toMatch(/<img|@everyone|\]\(b\)|::|##\[/);
    expect(page).toContain('img src=x');
    expect(Object.keys(result.outputs).sort()).toEqual([
      'exit-code',
      'findings',
      'live-findings',
      'new-findings',
      'range',
      'scanned-commits',
    ]);
  });
});

/** What the runner looks for commands in. */
function outsideOfStops(log: string): string {
  return log.replace(/^::stop-commands::(\S+)\n[\s\S]*?\n::\1::$/gm, '::stop-commands::');
}

describe('action.yml', () => {
  const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));

  it('names the inputs and defaults that the program knows', () => {
    const inputs = Object.entries<{ default?: string; description: string }>(action.inputs);
    expect(Object.fromEntries(inputs.map(([name, { default: value }]) => [name, value]))).toEqual({
      ...DEFAULTS,
      token: ['$', '{{ github.token }}'].join(''),
    });
    expect(inputs.filter(([, { description }]) => description.length < 10)).toEqual([]);
  });

  it('runs the bundle that the build makes', () => {
    expect([action.runs.using, action.runs.main]).toEqual(['node24', 'dist/action.cjs']);
    expect(existsSync(join(ROOT, action.runs.main))).toBe(true);
  });

  it('has every input and output in docs/action.md', () => {
    const page = readFileSync(join(ROOT, 'docs/action.md'), 'utf8');
    const names = [...Object.keys(action.inputs), ...Object.keys(action.outputs)];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
