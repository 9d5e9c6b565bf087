/** `leakwarden audit [REPO…]`: settings, rules, repositories, the audit of their histories, reports, exit code. */
import { withClosedFindings } from '../closed-file.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import { type Io, note } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { planPublication, publish } from '../publish.ts';
import { withPlans } from '../report-plans.ts';
import { performAudit, selectionOf } from '../run-audit.ts';
import type { performGitHubAudit } from '../run-github-audit.ts';
import { settingOptionsOf, wantsProgress } from '../run-scan.ts';
import { loadSettings } from '../settings.ts';
import { loadSuppressions } from '../suppress-settings.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const publication = planPublication(given);
  const options = selectionOf(given, io.now());
  const { gitHubPlanOf } = await import('../github-audit-options.ts');
  const github = gitHubPlanOf(given, io);
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const { suppressions, notices } = loadSuppressions(settings);
  const ruleset = await loadRules(settings);
  for (const notice of [...settings.notices, ...notices]) note(io, notice);
  const plan = {
    settings,
    ruleset,
    suppressions,
    inputs: given.operands.length === 0 ? ['.'] : given.operands,
    options,
    hasEmails: isSet(given, 'authors'),
    isWhole: isSet(given, 'no-delta'),
    stateFile: optionOf(given, 'state') ?? null,
    hasProgress: wantsProgress(given, io),
    isQuiet: isSet(given, 'quiet'),
  };
  const report = github === null ? await performAudit(plan, io) : await performGitHub(plan, github, io);
  const judged = await withPlans(await withClosedFindings(report, io), given, io);
  return publish(judged, publication, ruleset.named, settings.failOn, io);
}

/** Octokit and what asks it are loaded for this alone. */
async function performGitHub(...request: Parameters<typeof performGitHubAudit>): ReturnType<typeof performGitHubAudit> {
  const { performGitHubAudit: perform } = await import('../run-github-audit.ts');
  return perform(...request);
}
