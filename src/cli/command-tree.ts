/**
 * The command line as data: commands, operands, options, examples. One source for the quick parser (quick-arguments.ts), for commander (full-arguments.ts:
 * help, errors, suggestions) and for shell completion. An option stands here only when it does something.
 */
import { CONFIDENCES } from '../core/rule.ts';
import { ASSISTANTS, MANAGERS } from '../hooks/known-managers.ts';
import { STAGES } from '../hooks/stages.ts';
import { GITHUB_OPTIONS } from './github-options.ts';
import { LOCAL_STORE_COMMANDS } from './local-store-commands.ts';
import { ROTATION_COMMANDS } from './rotation-commands.ts';
import { CHECKS, FAIL_ON } from './settings.ts';

export type OptionSpec = {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in help; absent for a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly choices?: readonly string[];
  /** What a shell completes values with. */
  readonly completes?: 'files' | 'rules' | 'formats';
  readonly help: string;
};

export type OperandSpec = {
  readonly name: string;
  readonly many?: true;
  readonly optional?: true;
  readonly completes?: 'files' | 'rules' | 'shells' | 'stages';
};

export type CommandSpec = {
  /** `['rules', 'list']`. */
  readonly path: readonly string[];
  readonly help: string;
  readonly operands: readonly OperandSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly (readonly [command: string, what: string])[];
};

export const COLORS = ['auto', 'always', 'never'] as const;

const color: OptionSpec = { name: 'color', value: 'WHEN', choices: COLORS, help: 'colours: auto (on a terminal), always or never' };
const quiet: OptionSpec = { name: 'quiet', short: 'q', help: 'say nothing on stderr but errors and what the configuration takes away' };

/** Options that every command takes. */
export const SHARED_OPTIONS: readonly OptionSpec[] = [color, quiet];

const format: OptionSpec = {
  name: 'format',
  short: 'f',
  value: 'FORMAT',
  repeatable: true,
  completes: 'formats',
  help: 'form of the report (default: text); belongs to the --output beside it',
};
const output: OptionSpec = {
  name: 'output',
  short: 'o',
  value: 'FILE',
  repeatable: true,
  completes: 'files',
  help: 'write the report into a file; "-" is stdout',
};
const failOn: OptionSpec = { name: 'fail-on', value: 'WHICH', choices: FAIL_ON, help: 'findings that make the exit code 1 (default: any)' };
const exitCode: OptionSpec = { name: 'exit-code', value: 'N', help: 'exit code for findings, instead of 1' };

const check: OptionSpec = {
  name: 'check',
  value: 'WHOM',
  choices: CHECKS,
  help: 'who says what is live: stores (their index, offline), issuers (sends each credential to whoever made it), all, or none (default: stores, where there is an index)',
};
/** Of what a hook asks, nothing leaves the machine. */
const offlineCheck: OptionSpec = {
  name: 'check',
  value: 'WHOM',
  choices: ['stores', 'none'],
  help: 'who says what is live: stores (their index, offline) or none (default: stores, where there is an index)',
};

/** Where `fix` puts values. */
const FIX_STORES = ['local', 'none'] as const;

const rotate: OptionSpec = {
  name: 'rotate',
  value: 'WHAT',
  choices: ['plan'],
  help: 'plan: say in the report how each live finding would be replaced; nothing is changed',
};

const CONFIG_OPTIONS: readonly OptionSpec[] = [
  { name: 'config', value: 'FILE', completes: 'files', help: 'settings (default: leakwarden.toml of the repository)' },
  { name: 'no-config', help: 'read no settings, ignore files and baselines that lie in the repository' },
];

const RULE_OPTIONS: readonly OptionSpec[] = [
  { name: 'rules', value: 'FILE', repeatable: true, completes: 'files', help: 'use the rules of a file too' },
  { name: 'only', value: 'RULE', repeatable: true, completes: 'rules', help: 'use this rule and no other' },
  { name: 'disable', value: 'RULE', repeatable: true, completes: 'rules', help: 'leave this rule out' },
];

const minConfidence: OptionSpec = {
  name: 'min-confidence',
  value: 'LEVEL',
  choices: CONFIDENCES,
  help: 'report findings of this confidence and above (default: medium)',
};

const ENGINE_OPTIONS: readonly OptionSpec[] = [
  { name: 'binary', help: 'scan binary files too' },
  {
    name: 'max-decode-depth',
    value: 'N',
    help: 'decode base64, escapes and the like, N inside of each other (default: 3; 0: not at all)',
  },
  { name: 'threads', value: 'N', help: 'threads that scan; the report is the same for any number' },
  { name: 'no-progress', help: 'show no progress' },
  minConfidence,
];

const WALK_OPTIONS: readonly OptionSpec[] = [
  { name: 'no-ignore', help: 'scan what .gitignore names too' },
  { name: 'max-archive-depth', value: 'N', help: 'open archives in archives so deep (default: 3); 0: open none' },
  ...ENGINE_OPTIONS,
];

const dryRun: OptionSpec = { name: 'dry-run', help: 'show what would be changed, and change nothing' };

const BASELINE_OPTIONS: readonly OptionSpec[] = [
  { name: 'baseline', value: 'FILE', completes: 'files', help: 'known findings: a baseline, a gitleaks report or a .secrets.baseline' },
  { name: 'no-baseline', help: 'report known findings too' },
];

const baselineFile: OptionSpec = {
  name: 'baseline',
  value: 'FILE',
  completes: 'files',
  help: 'the baseline (default: .leakwarden/baseline.jsonl)',
};
const reason: OptionSpec = { name: 'reason', value: 'TEXT', help: 'why the findings that are added are accepted' };
const paths: OperandSpec = { name: 'PATH', many: true, optional: true, completes: 'files' };

export const COMMANDS: readonly CommandSpec[] = [
  {
    path: ['scan'],
    help: 'find credentials in files and folders',
    operands: [paths],
    options: [
      { name: 'staged', help: 'scan what is staged for the next commit, and report only added lines' },
      format,
      output,
      failOn,
      check,
      rotate,
      exitCode,
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...BASELINE_OPTIONS,
      ...WALK_OPTIONS,
      { name: 'reveal', help: 'write secrets in clear, into files of mode 0600 only' },
    ],
    examples: [
      ['leakwarden scan', 'the working directory'],
      ['leakwarden scan src docs/setup.md', 'a folder and a file'],
      ['git diff | leakwarden scan -', 'whatever comes in'],
      ['leakwarden scan --staged', 'what the next commit adds'],
      ['leakwarden scan -f sarif -o leaks.sarif -f text', 'a file for GitHub and text to read'],
      ['leakwarden scan --only github-pat-classic', 'one rule'],
    ],
  },
  {
    path: ['audit'],
    help: 'find credentials in the whole git history of repositories',
    operands: [{ name: 'REPO', many: true, optional: true, completes: 'files' }],
    options: [
      { name: 'range', value: 'A..B', help: 'only what the commits that B has and A has not add' },
      { name: 'since', value: 'DATE', help: 'only what commits since a date (2024-01-31) or an age (3 weeks) add' },
      { name: 'branch', value: 'NAME', repeatable: true, help: 'only the history of this branch' },
      { name: 'unreachable', help: 'also what no branch, tag or other ref reaches' },
      { name: 'reflog', help: 'also what only the reflog reaches' },
      {
        name: 'state',
        value: 'FILE',
        completes: 'files',
        help: 'remember what was scanned, so that the next audit scans only what is new; with --github a folder',
      },
      ...GITHUB_OPTIONS,
      { name: 'authors', help: "tell authors' e-mail addresses too" },
      { name: 'no-delta', help: 'scan each file version whole, not only what it changes: slower, the same report' },
      format,
      output,
      failOn,
      check,
      rotate,
      exitCode,
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...BASELINE_OPTIONS,
      ...ENGINE_OPTIONS,
      { name: 'reveal', help: 'write secrets in clear, into files of mode 0600 only' },
    ],
    examples: [
      ['leakwarden audit', 'the repository that you are in, all branches and tags'],
      ['leakwarden audit https://example.com/team/project.git', 'one that lies elsewhere; the clone is removed afterwards'],
      ['leakwarden audit api web backup.bundle', 'several, and a bundle'],
      ['leakwarden audit --range origin/main..HEAD', 'what this branch adds'],
      ['leakwarden audit --state .cache/audit.json', 'again and again: only what is new'],
      ['leakwarden audit --github acme --forks none --state .cache/acme', 'all repositories of an owner at GitHub'],
      ['leakwarden audit --github acme/api --also issues --also comments', 'a repository, and what was written beside it'],
    ],
  },
  {
    path: ['rules', 'list'],
    help: 'list the rules',
    operands: [],
    options: [{ name: 'json', help: 'as JSON' }, ...CONFIG_OPTIONS, ...RULE_OPTIONS],
    examples: [['leakwarden rules list | grep -i slack', 'find a rule']],
  },
  {
    path: ['rules', 'show'],
    help: 'show one rule: what it finds, how, and what to do about a finding',
    operands: [{ name: 'RULE', completes: 'rules' }],
    options: [{ name: 'json', help: 'as JSON' }, ...CONFIG_OPTIONS, ...RULE_OPTIONS],
    examples: [['leakwarden rules show github-pat-classic', 'what it finds and what to do']],
  },
  {
    path: ['rules', 'test'],
    help: 'show what each rule makes of a file, suppressed or not',
    operands: [{ name: 'FILE', completes: 'files' }],
    options: [...CONFIG_OPTIONS, ...RULE_OPTIONS],
    examples: [['leakwarden rules test sample.txt --rules my.yml', 'try rules of your own']],
  },
  {
    path: ['rules', 'lint'],
    help: 'check rule files: form, patterns, examples',
    operands: [{ name: 'FILE', many: true, completes: 'files' }],
    options: [],
    examples: [['leakwarden rules lint my.yml', 'before the rules are used']],
  },
  {
    path: ['baseline', 'create'],
    help: 'accept the findings of today, so that only later ones are reported',
    operands: [paths],
    options: [
      baselineFile,
      reason,
      { name: 'force', help: 'replace a baseline that is there' },
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...WALK_OPTIONS,
    ],
    examples: [['leakwarden baseline create --reason "before the audit"', 'accept all that is there']],
  },
  {
    path: ['baseline', 'update'],
    help: 'bring the baseline up to date: drop what is gone, add what is there',
    operands: [paths],
    options: [
      baselineFile,
      reason,
      { name: 'no-add', help: 'only drop what is gone' },
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...WALK_OPTIONS,
    ],
    examples: [['leakwarden baseline update --no-add', 'after secrets were removed']],
  },
  {
    path: ['baseline', 'explain'],
    help: 'show the findings of the baseline: rule, paths, since when and why',
    operands: [{ name: 'ID', many: true, optional: true }],
    options: [baselineFile, ...CONFIG_OPTIONS],
    examples: [['leakwarden baseline explain 3f2b', 'the finding whose id begins so']],
  },
  {
    path: ['guard'],
    help: 'check what a hook is asked about: pre-commit, commit-msg, pre-push, pre-receive, or assistant (a coding assistant)',
    operands: [
      { name: 'STAGE', completes: 'stages' },
      { name: 'ARG', many: true, optional: true },
    ],
    options: [
      { name: 'time-budget', value: 'SECONDS', help: 'stop, and block, after so long (default: 60)' },
      failOn,
      offlineCheck,
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...BASELINE_OPTIONS,
      minConfidence,
    ],
    examples: [
      ['leakwarden hooks install', 'so that git calls it'],
      ['leakwarden guard pre-commit', 'by hand: is what is staged fit to be committed?'],
      ['LEAKWARDEN_SKIP="key of the demo" git commit', 'once without it, on the record'],
    ],
  },
  {
    path: ['init'],
    help: 'begin in a repository: a configuration to start from, and hooks; shows what it writes',
    operands: [],
    options: [
      { name: 'with', value: 'MANAGER', choices: MANAGERS, help: 'who runs the hooks (default: what the repository uses)' },
      { name: 'stage', value: 'STAGE', repeatable: true, choices: STAGES, help: 'when (default: pre-commit and pre-push)' },
      { name: 'no-hooks', help: 'write the configuration alone' },
      dryRun,
    ],
    examples: [
      ['leakwarden init --dry-run', 'what would be written'],
      ['leakwarden init', 'leakwarden.toml, and hooks before commits and pushes'],
      ['leakwarden init --no-hooks', 'leakwarden.toml alone'],
    ],
  },
  {
    path: ['hooks', 'install'],
    help: 'let git call the guard before commits and pushes',
    operands: [],
    options: [
      {
        name: 'with',
        value: 'MANAGER',
        choices: [...MANAGERS, ...ASSISTANTS],
        help: 'who runs the hooks (default: what the repository uses), or a coding assistant',
      },
      { name: 'stage', value: 'STAGE', repeatable: true, choices: STAGES, help: 'when (default: pre-commit and pre-push)' },
      dryRun,
    ],
    examples: [
      ['leakwarden hooks install', 'in the way that this repository runs hooks'],
      ['leakwarden hooks install --with claude', 'prompts and tool calls of a coding assistant'],
      ['leakwarden hooks install --stage commit-msg --stage pre-commit', 'messages too'],
    ],
  },
  {
    path: ['hooks', 'status'],
    help: 'show what git will really run, and what keeps the guard from running',
    operands: [],
    options: [{ name: 'json', help: 'as JSON' }],
    examples: [['leakwarden hooks status', 'exit code 0 when something calls the guard']],
  },
  {
    path: ['hooks', 'uninstall'],
    help: 'take out what install put in, and nothing else',
    operands: [],
    options: [{ name: 'with', value: 'MANAGER', choices: [...MANAGERS, ...ASSISTANTS], help: 'only there (default: everywhere)' }, dryRun],
    examples: [['leakwarden hooks uninstall', 'existing hooks stay']],
  },
  {
    path: ['check'],
    help: 'say which findings of a saved JSON report are live: values of --reveal, or what stands at their places now',
    operands: [{ name: 'REPORT', completes: 'files' }],
    options: [format, output, failOn, check, exitCode, ...CONFIG_OPTIONS, ...RULE_OPTIONS],
    examples: [
      ['leakwarden check leaks.json', 'offline, by the index of the stores'],
      ['leakwarden check leaks.json --check issuers', 'asks GitHub, Slack … whether the credentials work'],
      ['leakwarden check leaks.json -f json -o checked.json --fail-on live', 'exit code 1 only for what is live'],
    ],
  },
  {
    path: ['fix'],
    help: 'rewrite the lines that hold a value, so that they read it from the environment, and keep it in a store',
    operands: [{ name: 'FINDING', many: true, completes: 'files' }],
    options: [
      { name: 'apply', help: 'change the files and put the value into the local store (default: show what would change)' },
      {
        name: 'in',
        value: 'PATH',
        repeatable: true,
        completes: 'files',
        help: 'where findings named by id are looked for (default: the working directory)',
      },
      { name: 'variable', value: 'NAME', help: 'the environment variable (default: after the name that the code uses)' },
      {
        name: 'store',
        value: 'WHERE',
        choices: FIX_STORES,
        help: 'where the value is kept: local or none (default: local, unless a store has it)',
      },
      { name: 'ref', value: 'REF', help: 'its name in the store (default: the folder and the variable)' },
      {
        name: 'path',
        value: 'FOLDER',
        completes: 'files',
        help: 'the local store (default: leakwarden/store in the data folder of the user)',
      },
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        completes: 'files',
        help: 'write a patch for git apply instead; it holds the old lines, so it needs --reveal',
      },
      { name: 'reveal', help: 'write secrets in clear, into files of mode 0600 only' },
      ...CONFIG_OPTIONS,
      ...RULE_OPTIONS,
      ...WALK_OPTIONS,
    ],
    examples: [
      ['leakwarden fix src/pay.js:12', 'show the change; a finding is FILE:LINE, or the beginning of its id in a report'],
      ['leakwarden fix src/pay.js:12 --apply', 'make it, and move the value into the local store'],
      ['leakwarden fix 3f2b91c0 --variable STRIPE_KEY', 'everywhere below, under a name of your own'],
    ],
  },
  {
    path: ['store', 'add'],
    help: 'name a secrets store that leakwarden may read; --help lists the settings of each kind',
    operands: [{ name: 'KIND' }],
    options: [{ name: 'name', value: 'NAME', help: 'what you call it' }],
    examples: [['leakwarden store add KIND --name team', 'asks nobody yet; then: leakwarden store sync team']],
  },
  {
    path: ['store', 'list'],
    help: 'list the secrets stores that are named, and the kinds there are',
    operands: [],
    options: [{ name: 'json', help: 'as JSON' }],
    examples: [['leakwarden store list', 'names, kinds, settings']],
  },
  {
    path: ['store', 'sync'],
    help: 'read the stores into the index: keyed digests, no values',
    operands: [{ name: 'NAME', many: true, optional: true }],
    options: [
      { name: 'full', help: 'read everything again, under new keys; without it, what moved since the last time' },
      { name: 'ttl', value: 'HOURS', help: 'how long the index is believed (default: 24)' },
      { name: 'no-progress', help: 'show no progress' },
    ],
    examples: [
      ['leakwarden store sync', 'all stores'],
      ['leakwarden store sync team', 'one of them'],
    ],
  },
  {
    path: ['store', 'status'],
    help: 'show what is indexed, how old it is, and what could not be read',
    operands: [],
    options: [{ name: 'json', help: 'as JSON' }],
    examples: [['leakwarden store status', 'exit code 0 when the index is whole and fresh']],
  },
  {
    path: ['store', 'trail'],
    help: 'ask the audit log of a Vault or OpenBao where a value was written, read or used; no secret is read',
    operands: [{ name: 'NAME' }],
    options: [
      { name: 'log', value: 'FILE', completes: 'files', repeatable: true, help: 'what the audit device writes' },
      { name: 'device', value: 'NAME', help: 'the audit device (default: file)' },
      { name: 'json', help: 'as JSON' },
    ],
    examples: [['leakwarden store trail team --log /var/log/vault/audit.log < leaked.txt', 'the value from a pipe, or typed without echo']],
  },
  {
    path: ['report'],
    help: 'write a saved JSON report in another form',
    operands: [{ name: 'REPORT', completes: 'files' }],
    options: [format, output, failOn, exitCode],
    examples: [['leakwarden report leaks.json --format sarif --output leaks.sarif', 'JSON to SARIF']],
  },
  {
    path: ['completion'],
    help: 'print the completion script of a shell',
    operands: [{ name: 'SHELL', completes: 'shells' }],
    options: [],
    examples: [['source <(leakwarden completion bash)', 'for this session']],
  },
  ...LOCAL_STORE_COMMANDS,
  ...ROTATION_COMMANDS,
];

/** Groups of commands, and what they are about; a group may be a command by itself, too. */
export const GROUPS: Readonly<Record<string, string>> = {
  rules: 'list, show, test and check rules',
  hooks: 'let git call leakwarden before commits and pushes',
  baseline: 'make and keep the list of known findings',
  store: 'secrets stores: keep secrets, name stores, and know which findings are live',
  rotate: 'replace leaked credentials: plans, carried out step by step, with a log and with proof',
};

export const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const;

/** Returns all options of a command, the shared ones last. */
export function optionsOf(command: CommandSpec): readonly OptionSpec[] {
  return [...command.options, ...SHARED_OPTIONS];
}
