/** The record of findings that were closed with proof (src/rotate/closed-findings.ts), on the disk: one file of the user's, below XDG_STATE_HOME. Written when a rotation ends; read, and opened again, by scans and audits. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { type ClosedFinding, judgeByClosed, readClosed, withClosed, writeClosed } from '../rotate/closed-findings.ts';
import type { RotationPlan } from '../rotate/plan.ts';
import type { Asked } from '../rotate/progress.ts';
import { makeFolder, readWhole, replaceWhole } from '../system/durable-files.ts';
import { withLock } from '../system/lock.ts';
import { type Io, note } from './io.ts';
import { userFolder } from './user-files.ts';

/** Some hundred thousand entries. */
const MAX_CLOSED_BYTES = 256 << 20;

const folderOf = (env: Io['env']): string | null => {
  const state = userFolder('state', env);
  return state === null ? null : join(state, 'rotation', 'closed');
};

const fileOf = (folder: string): string => join(folder, 'findings.json');

export type Closing = {
  readonly plan: RotationPlan;
  readonly id: string;
  readonly by: string;
  readonly refusedAt: readonly string[];
  readonly asked: readonly Asked[];
};

export async function closeFinding({ plan, id, by, refusedAt, asked }: Closing, { env, now }: Pick<Io, 'env' | 'now'>): Promise<void> {
  const folder = folderOf(env);
  if (folder === null) return;
  const { finding, place, issuer } = plan;
  const deadSince = refusedAt[0] ?? now().toISOString();
  const works = asked.findLast(({ about }) => about === 'new')?.answer;
  const added: ClosedFinding = {
    finding: finding.id,
    rule: finding.rule,
    plan: id,
    by,
    where: place === null ? (issuer?.identity ?? by) : place.field === '' ? place.ref : `${place.ref}#${place.field}`,
    deadSince,
    closedAt: now().toISOString(),
    exposure: { from: finding.exposedSince, until: deadSince },
    refusedAt: [...refusedAt],
    newWorks: works === undefined ? null : works === 'accepted',
    paths: finding.paths,
  };
  makeFolder(folder);
  await withLock(folder, () => replaceWhole(fileOf(folder), writeClosed(withClosed(read(folder), added))));
}

/** Returns the report as what was closed makes it: dead values are said to be dead; those that live or appear again are opened, and said. */
export async function withClosedFindings(report: Report, { env, now, ...io }: Io): Promise<Report> {
  const folder = folderOf(env);
  if (folder === null || report.findings.length === 0 || !existsSync(fileOf(folder))) return report;
  const judged = judgeByClosed(report.findings, read(folder), now());
  for (const { finding, reopened } of judged.reopened)
    note({ env, now, ...io }, `the finding ${finding} was closed, and is open again: ${reopened?.because ?? ''}`);
  if (judged.reopened.length > 0)
    await withLock(folder, () => replaceWhole(fileOf(folder), writeClosed(judgeByClosed(report.findings, read(folder), now()).closed)));
  return { ...report, findings: judged.findings };
}

function read(folder: string): readonly ClosedFinding[] {
  const text = readWhole(fileOf(folder), MAX_CLOSED_BYTES)?.toString('utf8');
  const closed = text === undefined ? [] : readClosed(text);
  if (closed) return closed;
  throw new ToolError('rotation-log-broken', { reason: `${fileOf(folder)} is damaged: move it away, and what was closed is found again` });
}
