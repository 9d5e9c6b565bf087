/** Repositories that are made to fool or to harm whoever audits them. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytePath, createRepository, temporaryFolder } from '../../../fixtures/git-repository.ts';
import { FORMATS, loadReporter } from '../../../src/reports/index.ts';
import { audit, auditFolders, token } from './audit-folder.ts';

const BRANCH = 'with-"quote;$(touch$IFS-pwned)';
const LINE = `TOKEN=${token('a')}\n`;

describe('names that look like something else', () => {
  it('paths, branches and messages of every kind are told apart', async () => {
    const repository = createRepository();
    const names = [
      'a\nb.env',
      ':100644 100644 x.env',
      `${'1'.repeat(40)}`,
      '\u001b[31mred.env',
      ' lead.env',
      '"quoted".env',
      'ü\u202e.env',
      '-rf.env',
    ];
    for (const name of names) repository.write(name, `${LINE}${name.length}\n`);
    repository.commit(
      `${'2'.repeat(40)}\n\n:100644 100644 ${'0'.repeat(40)} ${'3'.repeat(40)} M\n\u001b]0;title\u0007 ${token('message')}`,
    );
    repository.git('branch', BRANCH);
    const found = (await audit(repository.folder)).sort((a, b) => a.paths.length - b.paths.length);
    expect(found.map(({ paths }) => paths.length)).toEqual([0, names.length]);
    expect([...(found[1]?.paths ?? [])].sort()).toEqual([...names].sort());
    expect(found[1]?.branches).toEqual(['main', BRANCH]);
    expect(existsSync(path.join(repository.folder, 'pwned'))).toBe(false);
    const { report } = await auditFolders([repository.folder], { hasEmails: true });
    for (const name of FORMATS) {
      const text = [...(await loadReporter(name)).render(report, { rules: new Map(), colour: false, reveal: false })].join('');
      expect(text.replaceAll(name === 'csv' ? '\r\n' : '\n', ''), name).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      expect(text, name).not.toContain(token('a'));
      expect(text, name).not.toContain(token('message'));
    }
  });

  it('a path that is no UTF-8, a deep one, and a secret as a name of a file, a branch and an author', async () => {
    const repository = createRepository();
    writeFileSync(bytePath(repository.folder, Buffer.from([0x61, 0xff, 0x2e, 0x65, 0x6e, 0x76])), `${LINE}bytes\n`);
    repository.write(`${'d/'.repeat(200)}a.env`, LINE);
    repository.write(token('a'), LINE);
    repository.git('add', '--all');
    repository.gitWith({ GIT_AUTHOR_NAME: token('a') }, 'commit', '--quiet', '-m', 'x');
    repository.git('branch', token('a'));
    const { report } = await auditFolders([repository.folder]);
    expect(report.findings).toMatchObject([{ history: { totals: { paths: 3 } } }]);
    expect(report.findings[0]?.history?.paths).toContain('a\\xff.env');
    for (const name of FORMATS) {
      expect([...(await loadReporter(name)).render(report, { rules: new Map(), colour: false, reveal: false })].join('')).not.toContain(
        token('a'),
      );
    }
  });
});

describe('a configuration that wants to run something', () => {
  it('runs nothing', async () => {
    const repository = createRepository();
    const folder = temporaryFolder();
    const ran = path.join(folder, 'ran');
    const script = path.join(folder, 'script');
    writeFileSync(script, `#!/bin/sh\necho "$0 $@" >> '${ran}'\ncat\n`);
    chmodSync(script, 0o755);
    repository.write('.gitattributes', '* diff=evil filter=evil merge=evil\n');
    repository.write('a.env', LINE);
    repository.commit('one');
    repository.write('a.env', `# more\n${LINE}`);
    repository.commit('two');
    const tree = repository.git('rev-parse', 'HEAD^{tree}').trim();
    const signed = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n`;
    writeFileSync(path.join(folder, 'commit'), signed);
    repository.git(
      'update-ref',
      'refs/heads/signed',
      repository.git('hash-object', '-t', 'commit', '-w', path.join(folder, 'commit')).trim(),
    );
    const settings = {
      'core.fsmonitor': script,
      'core.hooksPath': folder,
      'core.pager': script,
      'core.sshCommand': script,
      'core.alternateRefsCommand': script,
      'diff.external': script,
      'diff.evil.textconv': script,
      'diff.evil.command': script,
      'filter.evil.smudge': script,
      'filter.evil.clean': script,
      'gpg.program': script,
      'log.showSignature': 'true',
      'alias.log': `!${script}`,
      'credential.helper': script,
      'remote.origin.url': `ext::${script}`,
      'log.showRoot': 'false',
      'log.mailmap': 'true',
      'format.pretty': 'oneline',
      'diff.renames': 'copies',
      'diff.noprefix': 'true',
      'color.ui': 'always',
      'i18n.logOutputEncoding': 'UTF-16',
    };
    for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
    mkdirSync(path.join(repository.folder, '.git/hooks'), { recursive: true });
    for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout']) {
      writeFileSync(path.join(repository.folder, '.git/hooks', hook), `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
    }
    const commits = repository.git('rev-list', '--all').trim().split('\n').length;
    const { report } = await auditFolders([repository.folder], { unreachable: true, reflog: true });
    expect(report.problems).toEqual([]);
    expect(report.stats.commits).toBe(commits);
    expect(report.findings).toMatchObject([{ history: { totals: { places: 2 } } }]);
    expect((await auditFolders([repository.folder], { range: { from: 'HEAD~1', to: 'HEAD' } })).report.findings).toEqual([]);
    expect(existsSync(ran)).toBe(false);
  });

  it('replaced objects hide nothing', async () => {
    const repository = createRepository();
    repository.write('a.env', LINE);
    repository.commit('secret');
    repository.git('checkout', '--quiet', '--orphan', 'clean');
    repository.write('a.env', 'TOKEN=\n');
    repository.commit('clean');
    repository.git('replace', 'main', 'clean');
    expect(repository.git('show', 'main:a.env')).toBe('TOKEN=\n');
    expect(await audit(repository.folder)).toMatchObject([{ branches: ['main'], today: ['main'] }]);
  });
});

describe('too much', () => {
  it('an interrupted audit gives what it found, and says that it is incomplete', async () => {
    const repository = createRepository();
    for (const name of ['a', 'b', 'c']) repository.write(`${name}.env`, `${LINE}${name}\n`);
    repository.commit('secret');
    const controller = new AbortController();
    const before = await auditFolders([repository.folder], { signal: AbortSignal.abort() });
    expect(before.report.problems.map(({ code }) => code)).toEqual(['interrupted']);
    const { scanHistoryByCatFile } = await import('./cat-file-scan.ts');
    const { report } = await auditFolders([repository.folder], {
      signal: controller.signal,
      scanHistory: async (request) => {
        const scanned = await scanHistoryByCatFile({ ...request, signal: new AbortController().signal }, { PATH: process.env['PATH'] });
        controller.abort();
        return scanned;
      },
    });
    expect(report.problems.map(({ code }) => code)).toEqual(['interrupted']);
    expect(report.findings).toMatchObject([{ history: { firstCommit: repository.git('rev-parse', 'HEAD').trim(), inHead: true } }]);
  });

  it('more places than are listed are counted', async () => {
    const repository = createRepository();
    for (let at = 0; at < 150; at++) repository.write(`f${at}.env`, LINE);
    repository.commit('many');
    const { report } = await auditFolders([repository.folder]);
    const [finding] = report.findings;
    expect(finding?.places).toHaveLength(100);
    expect(finding?.history?.totals).toMatchObject({ places: 150, paths: 150 });
    expect(finding?.history?.paths).toHaveLength(50);
  });

  it('a tree that holds itself a million times does not explode', { timeout: 60_000 }, async () => {
    const repository = createRepository();
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'blob'), LINE);
    let id = repository.git('hash-object', '-w', path.join(folder, 'blob')).trim();
    const mk = (mode: string, child: string): string => {
      const entries = Array.from({ length: 4 }, (_, at) => Buffer.concat([Buffer.from(`${mode} f${at}\0`), Buffer.from(child, 'hex')]));
      writeFileSync(path.join(folder, 'tree'), Buffer.concat(entries));
      return repository.git('hash-object', '-t', 'tree', '-w', path.join(folder, 'tree')).trim();
    };
    id = mk('100644', id);
    for (let depth = 0; depth < 6; depth++) id = mk('40000', id);
    repository.git('update-ref', 'refs/heads/main', repository.git('commit-tree', '-m', 'bomb', id).trim());
    const { report } = await auditFolders([repository.folder]);
    expect(report.findings[0]?.history?.totals.places).toBe(1000);
    expect(report.findings[0]?.history?.inHead).toBe(true);
  });
});
