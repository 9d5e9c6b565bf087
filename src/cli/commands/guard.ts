/**
 * `leakwarden guard STAGE`: what hooks call. Quiet and quick when there is nothing to say; otherwise it says what it found and how to go on, and its exit code
 * stops git. Anything that keeps it from checking stops git too, with one line about why: a guard that is broken must not look like one that is content.
 */
import type { Report } from '../../core/contracts.ts';
import { EXIT, printable, reasonOf, ToolError } from '../../core/errors.ts';
import { recordSkip } from '../../hooks/skip-log.ts';
import { STAGES, type Stage } from '../../hooks/stages.ts';
import { exitCodeOf } from '../exit-code.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import { openGuarded } from '../guard-sources.ts';
import { type Io, note } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { didYouMean } from '../nearest-word.ts';
import { helpOf } from '../publish.ts';
import { performScan, settingOptionsOf } from '../run-scan.ts';
import { loadSettings } from '../settings.ts';
import { loadSuppressions } from '../suppress-settings.ts';
import { usesColour } from '../terminal.ts';
import { writeToStream } from '../write-output.ts';

/** A commit that takes longer to check holds something that belongs elsewhere. GitHub Enterprise ends a pre-receive hook after 5 s. */
const TIME_BUDGET_SECONDS = 60;

const WORDS: Readonly<Record<Stage, { readonly what: string; readonly command: string | null }>> = {
  'pre-commit': { what: 'commit', command: 'git commit' },
  'commit-msg': { what: 'commit', command: 'git commit' },
  'pre-push': { what: 'push', command: 'git push' },
  // Who pushes does not set the server's environment.
  'pre-receive': { what: 'push', command: null },
};

export async function run(given: Given, io: Io): Promise<number> {
  const timeBudgetSeconds = budgetOf(optionOf(given, 'time-budget') ?? io.env['LEAKWARDEN_TIME_BUDGET']);
  if (given.operands[0] === 'assistant') return (await import('../guard-assistant.ts')).guardAssistant(given, timeBudgetSeconds, io);
  const stage = stageOf(given.operands[0] ?? '');
  const reason = io.env['LEAKWARDEN_SKIP'];
  if (reason !== undefined && reason !== '') return skip(stage, reason, io);
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const opened = await openGuarded(stage, given.operands.slice(1), io);
  const { suppressions, notices } = loadSuppressions(settings);
  const ruleset = await loadRules(settings);
  if (!isSet(given, 'quiet')) for (const notice of [...settings.notices, ...notices]) note(io, notice);
  const report = await performScan({ settings, ruleset, suppressions, ...opened, hasProgress: false, timeBudgetSeconds }, io);
  const code = exitCodeOf(report, settings.failOn, undefined);
  if (code !== EXIT.clean) await say(report, stage, ruleset.named, given, io);
  return code;
}

async function say(report: Report, stage: Stage, rules: Parameters<typeof helpOf>[1], given: Given, io: Io): Promise<void> {
  const { renderBlocked } = await import('../../reports/blocked.ts');
  const { what, command } = WORDS[stage];
  const colour = usesColour(optionOf(given, 'color'), io.env, io.stderr.isTTY === true);
  const skipping = command === null ? null : `LEAKWARDEN_SKIP="why" ${command} …`;
  await writeToStream(io.stderr, renderBlocked(report, { what, skip: skipping }, { rules: helpOf(report, rules), colour, reveal: false }));
}

/** On the record, in this repository: who asks later finds when and why. */
async function skip(stage: Stage, reason: string, io: Io): Promise<number> {
  const { findHookRepository } = await import('../../hooks/repository.ts');
  const { commonDir } = await findHookRepository(io.cwd, io.env);
  try {
    recordSkip(commonDir, { at: io.now().toISOString(), stage, reason });
  } catch (error) {
    throw new ToolError('skip-unrecorded', { path: commonDir, reason: reasonOf(error) }, { cause: error });
  }
  note(io, `${stage} was not checked (LEAKWARDEN_SKIP): ${printable(reason)}`);
  return EXIT.clean;
}

function stageOf(word: string): Stage {
  const stage = STAGES.find((one) => one === word);
  if (stage !== undefined) return stage;
  throw new ToolError('bad-option', {
    message: `guard knows ${[...STAGES, 'assistant'].join(', ')}, not ${word}${didYouMean(word, STAGES)}`,
  });
}

function budgetOf(text: string | undefined): number {
  if (text === undefined || text === '') return TIME_BUDGET_SECONDS;
  const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds;
  throw new ToolError('bad-option', { message: `--time-budget must be a number of seconds, not ${text}` });
}
