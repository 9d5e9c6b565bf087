/** The command that a report names for a live finding: where `leakwarden rotate` finds it again. */
import { expect, it } from 'vitest';
import type { AuditedRepository, Finding, Report } from '../../src/core/contracts.ts';
import { rotateCommand } from '../../src/reports/next-steps.ts';
import { SMALL_REPORT } from './sample-report.ts';

const ID = '0123456789abcdef'.repeat(2);
const COMMIT = '1a'.repeat(20);
const [SAMPLE] = SMALL_REPORT.findings;
const [PLACE] = SAMPLE?.places ?? [];

function commandOf(inputs: readonly string[], names?: readonly string[], path = 'app.env', isCommitted = true): string | null {
  if (!SAMPLE || !PLACE) throw new Error('the sample report has no finding');
  const { commit: _, ...place } = PLACE;
  const places = [{ ...place, path, ...(isCommitted ? { commit: COMMIT } : {}) }];
  const finding: Finding = { ...SAMPLE, id: ID, places, verdict: { state: 'live', by: 'x', at: '', where: 'x' } };
  const repositories = names?.map(
    (name): AuditedRepository => ({ name, origin: `https://github.example/${name}.git`, head: null, branch: null, submodules: [] }),
  );
  const report: Pick<Report, 'inputs' | 'repositories'> = { inputs, ...(repositories ? { repositories } : {}) };
  return rotateCommand(finding, report)?.replace(ID, 'ID') ?? null;
}

it.each([
  ['here', ['.'], undefined, 'leakwarden rotate ID'],
  ['in folders', ['../api', 'web'], undefined, 'leakwarden rotate ID --in ../api --in web'],
  ['staged', ['--staged'], undefined, 'leakwarden rotate ID'],
  ['in what a shell would take apart', ['a b', 'c'], undefined, 'leakwarden rotate ID --in c'],
  [
    'in a repository that was cloned',
    ['https://git.example/a/b'],
    ['https://git.example/a/b'],
    'leakwarden rotate ID --in https://git.example/a/b',
  ],
] as const)('%s', (_, inputs, names, command) => expect(commandOf(inputs, names)).toBe(command));

it('names the repositories of a GitHub that hold it, never its pages', () => {
  const names = ['acme/api', 'acme/api-docs', 'acme/web'];
  const page = ['https://github.example/acme'];
  expect(commandOf(page, names, 'acme/api/app.env')).toBe('leakwarden rotate ID --in https://github.example/acme/api.git');
  expect(commandOf(page, names, 'acme/gone/app.env')).toBe(null);
  // An issue: no clone has it.
  expect(commandOf(page, names, 'acme/api/issues/1', false)).toBe(null);
});
