/**
 * The scans of an Action's run, all with the same settings, rules and suppressions: the commits of a range with the files of its head, the files of a commit, a whole
 * history. In: inputs and a work tree. Out: reports. Called by run-action.ts.
 */
import type { Found } from '../action/find-range.ts';
import type { Inputs } from '../action/inputs.ts';
import type { RenderOptions, Report } from '../core/contracts.ts';
import { printable } from '../core/errors.ts';
import { listChangedFiles } from '../git/changed-files.ts';
import type { GitScope } from '../git/run-git.ts';
import { REPORTERS } from '../reports/index.ts';
import type { Ruleset } from '../ruleset/load.ts';
import { SOURCES } from '../sources/index.ts';
import type { SuppressSettings } from '../suppress/settings.ts';
import { CONFIG_NAMES } from './find-config.ts';
import { type Io, note } from './io.ts';
import { loadRules } from './load-rules.ts';
import { openIssuers } from './open-issuers.ts';
import { helpOf } from './publish.ts';
import { performAudit } from './run-audit.ts';
import { performScan } from './run-scan.ts';
import { loadSettings, type Settings } from './settings.ts';
import { DEFAULT_BASELINE, loadSuppressions } from './suppress-settings.ts';

type Commits = Extract<Found, { kind: 'commits' }>;

/** Who changes one of these changes what is reported. */
const SETTING_FILES: readonly string[] = [
  ...CONFIG_NAMES,
  DEFAULT_BASELINE,
  '.leakwardenignore',
  '.gitleaksignore',
  '.betterleaksignore',
  '.secrets.baseline',
];

export class ActionScans {
  readonly #io: Io;
  readonly #settings: Settings;
  readonly #suppressions: SuppressSettings;
  readonly #ruleset: Ruleset;
  readonly #settingFiles: ReadonlySet<string>;

  private constructor(io: Io, settings: Settings, suppressions: SuppressSettings, ruleset: Ruleset, settingFiles: readonly string[]) {
    this.#io = io;
    // Paths of git count from the top of the repository.
    this.#settings = { ...settings, cwd: settings.root };
    this.#suppressions = { ...suppressions, cwd: suppressions.root };
    this.#ruleset = ruleset;
    this.#settingFiles = new Set([...SETTING_FILES, ...settingFiles]);
  }

  /** Throws ToolError of kind usage. */
  static async open(inputs: Inputs, io: Io): Promise<ActionScans> {
    const { text, lines } = inputs;
    const named = Object.entries({
      config: text('config'),
      baseline: text('baseline'),
      minConfidence: text('min-confidence'),
      check: text('check'),
    });
    const options = { ...Object.fromEntries(named.filter(([, value]) => value !== '')), rules: lines('rules') };
    const settings = await loadSettings(options, io.env, io.cwd);
    const { suppressions, notices } = loadSuppressions(settings);
    const ruleset = await loadRules(settings);
    for (const notice of [...settings.notices, ...notices]) note(io, notice);
    return new ActionScans(io, settings, suppressions, ruleset, [text('config'), text('baseline'), ...lines('rules')]);
  }

  /** The range's commits, and what of its head differs from its base; issuers are asked, where the inputs say so. */
  async commits({ after, ref, not, base, head }: Commits): Promise<Report> {
    const pushed = SOURCES.pushed({ ...this.#request(), pushed: { stage: 'pre-push', remote: '', input: hookInput(after, ref, not) } });
    const compared = SOURCES.compared({ ...this.#request(), compared: { from: base, to: head } });
    return this.#scanAsking([compared, pushed], [`${base ?? ''}..${head}`]);
  }

  /** All files of a commit, as git has them. `asks`: issuers too. */
  async tree(commit: string, asks = false): Promise<Report> {
    const sources = [SOURCES.compared({ ...this.#request(), compared: { from: null, to: commit } })];
    return asks ? this.#scanAsking(sources, [commit]) : performScan({ ...this.#plan([commit]), sources }, this.#io);
  }

  /** `tip` null: all refs. */
  async history(tip: string | null): Promise<Report> {
    const options = { range: null, since: null, branches: tip === null ? [] : [tip], unreachable: false, reflog: false };
    const plan = { ...this.#plan(['.']), options, hasEmails: false, isWhole: false, stateFile: null, isQuiet: false };
    return performAudit(plan, this.#io);
  }

  helpOf(report: Report): RenderOptions['rules'] {
    return helpOf(report, this.#ruleset.named);
  }

  render(format: string, report: Report): string {
    const pieces = REPORTERS[format]?.render(report, { rules: this.helpOf(report), colour: false, reveal: false }) ?? [];
    return [...pieces].join('');
  }

  /** Says which files of the range decide about what is reported: a stranger's change should not hide itself. */
  async changedSettings(found: Exclude<Found, { kind: 'nothing' }>, git: GitScope): Promise<string[]> {
    if (found.kind !== 'commits' || found.base === null) return [];
    const files = await listChangedFiles(found.base, found.head, git);
    const named = files.map(({ path }) => path).filter((path) => this.#settingFiles.has(path));
    return named.length === 0
      ? []
      : [`this change also touches what leakwarden reports: ${named.map(printable).join(', ')}; read it with care`];
  }

  async #scanAsking(sources: Parameters<typeof performScan>[0]['sources'], inputs: readonly string[]): Promise<Report> {
    const issuers = await openIssuers(this.#settings.check, this.#ruleset, this.#io);
    const plan = { ...this.#plan(inputs), sources, issuers: issuers?.asker ?? null };
    return performScan(plan, this.#io).finally(() => issuers?.close());
  }

  #plan(inputs: readonly string[]): Omit<Parameters<typeof performScan>[0], 'sources'> {
    return { settings: this.#settings, ruleset: this.#ruleset, suppressions: this.#suppressions, inputs, hasProgress: false };
  }

  #request(): Parameters<typeof SOURCES.compared>[0] {
    return { inputs: [], cwd: this.#io.cwd, env: this.#io.env, noIgnore: false, stdin: this.#io.stdin };
  }
}

/** A push as git tells it to a hook: one ref that moves; what else is to be left out, as refs that are deleted. */
function hookInput(after: string, ref: string, not: readonly string[]): string {
  const nothing = '0'.repeat(after.length);
  const [before = nothing, ...others] = not;
  return [`${ref} ${after} ${ref} ${before}`, ...others.map((id) => `(delete) ${nothing} ${ref} ${id}`), ''].join('\n');
}
