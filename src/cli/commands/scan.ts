/** `leakwarden scan [PATH…]`: settings, rules, sources, the scan, reports, exit code. */
import { withClosedFindings } from '../closed-file.ts';
import type { Given } from '../given.ts';
import { type Io, note } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { openIssuers } from '../open-issuers.ts';
import { planPublication, publish } from '../publish.ts';
import { withPlans } from '../report-plans.ts';
import { openSources, performScan, settingOptionsOf, wantsProgress } from '../run-scan.ts';
import { loadSettings } from '../settings.ts';
import { loadSuppressions } from '../suppress-settings.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const publication = planPublication(given);
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const { suppressions, notices } = loadSuppressions(settings);
  const ruleset = await loadRules(settings);
  const opened = await openSources(given.operands, given, io);
  for (const notice of [...settings.notices, ...notices]) note(io, notice);
  const issuers = await openIssuers(settings.check, ruleset, io);
  const plan = { settings, ruleset, suppressions, ...opened, hasProgress: wantsProgress(given, io), issuers: issuers?.asker ?? null };
  const report = await performScan(plan, io).finally(() => issuers?.close());
  const judged = await withPlans(await withClosedFindings(report, io), given, io);
  return publish(judged, publication, ruleset.named, settings.failOn, io);
}
