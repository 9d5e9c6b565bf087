/**
 * Every error a user can meet: code → sentence, hint, exit. Text is made here and nowhere else.
 *
 * Three kinds. *Usage* (exit 2): message and hint, no stack. *Problem*: a value (contracts.ts), one input failed and the scan goes
 * on. *Bug*: anything that is not a ToolError, exit 70 with the stack.
 * `{name}` in a sentence is filled from the error's data; everything filled in is made printable first.
 */

export const EXIT = {
  clean: 0,
  findings: 1,
  usage: 2,
  incomplete: 3,
  bug: 70,
  interrupted: 130,
} as const;

type Entry = { readonly kind: 'usage' | 'problem'; readonly sentence: string; readonly hint: string };

const usage = (sentence: string, hint: string): Entry => ({ kind: 'usage', sentence, hint });
const problem = (sentence: string, hint: string): Entry => ({ kind: 'problem', sentence, hint });

export const ERRORS = {
  // ---- usage and configuration
  'bad-option': usage('{message}', 'leakwarden --help lists the commands and options'),
  'bad-input': usage('{message}', 'docs/action.md lists every input and event'),
  'no-checkout': usage('{path} is no checkout of a repository', 'let actions/checkout run before leakwarden, or set the input path'),
  'no-such-path': usage(
    '{path}: no such file or directory',
    'check the spelling; patterns must be quoted so that the shell leaves them alone',
  ),
  'not-a-repository': usage('{path} is not inside a git work tree', 'run it inside a repository, or scan a path without --staged'),
  'config-unreadable': usage('cannot read the configuration {path}: {reason}', 'check the path and its permissions'),
  'config-invalid': usage('{path}:{line}: {reason}', 'docs/configuration.md lists every key; nothing was scanned'),
  'rules-invalid': usage('{path}: {reason}', 'leakwarden rules lint FILE explains each fault'),
  'pattern-refused': usage('rule {rule}: {reason}', 'patterns are RE2 syntax: no look-around, no back-references, repeats up to 1000'),
  'unknown-rule': usage('there is no rule {rule}', 'leakwarden rules list shows them all'),
  'unknown-format': usage('there is no report format {format}', 'formats: {formats}'),
  'baseline-invalid': usage('{path} is not a baseline: {reason}', 'make one with: leakwarden baseline create'),
  'report-invalid': usage('{path} is not a report of leakwarden: {reason}', 'make one with: leakwarden scan --format json --output FILE'),
  'ignore-invalid': usage('{path}:{line}: {reason}', 'one finding id a line; text after # is the reason'),
  'skip-unrecorded': usage(
    'the skip cannot be recorded in {path}: {reason}',
    'a skip that leaves no record does not count; check the folder and its permissions',
  ),
  'output-failed': usage('cannot write {path}: {reason}', 'check the folder and its permissions'),
  'reveal-needs-file': usage(
    '--reveal writes secrets in clear, so it needs --output FILE',
    'add --output FILE; it is created with mode 0600',
  ),
  'build-mixed': usage('the program and its rules are of two builds', 'build again: npm run build'),
  'stores-invalid': usage('{path}: {reason}', 'leakwarden store add --help shows how a store is named'),
  'issuers-invalid': usage('{path}: {reason}', 'docs/issuers.md says what may stand in it'),
  'no-stores': usage('no secrets store is named in {path}', 'name one: leakwarden store add KIND --name NAME'),
  'no-home': usage('there is no folder for {what}: neither HOME nor {variable} is set', 'set one of them'),
  'index-key-invalid': usage('the key of the index, {path}, cannot be used: {reason}', 'docs/stores.md says where the key comes from'),
  'git-missing': usage('git could not be started: {reason}', 'install git, or use --no-ignore for folders outside of repositories'),
  'bad-revision': usage(
    '{revision} names no commit of {path}',
    'git branch --all and git log show what there is; a shallow clone lacks the rest',
  ),
  'not-auditable': usage('cannot audit {path}: {reason}', 'name a repository, a bare one, a bundle file, or an https, ssh or file URL'),
  'state-invalid': usage('{path} is not the state of an audit: {reason}', 'remove it: the next audit then scans everything once'),
  'state-in-use': usage('{path} is in use by another audit (process {holder})', 'wait for it, or name another folder'),
  'local-store-refused': usage('{reason}', 'docs/stores/local.md says what the local store takes and where it lies'),
  'local-store-broken': usage('{reason}', 'restore it from a backup; leakwarden store log says what was done last'),
  'local-store-in-use': usage('{reason}', 'wait for it; if there is no such process any more, remove that file'),
  'secret-not-found': usage('{reason}', 'leakwarden store versions REF shows what there is of a secret; upper and lower case differ'),
  'passphrase-wrong': usage('{reason}', 'it opens with what it was made with, and with nothing else'),
  'passphrase-needed': usage(
    '{reason}',
    'run it on a terminal, or name a file that holds the passphrase in LEAKWARDEN_PASSPHRASE_FILE; a keychain opens in its own session alone',
  ),
  'unanswered': usage('the question was not answered', 'nothing was changed; run it again when the answer is at hand'),
  'value-to-terminal': usage('a secret is not written {where}', 'send it into a pipe, or add --output FILE, which is made with mode 0600'),
  'rotation-refused': usage('{reason}', 'nothing was changed; docs/rotation.md says what a rotation needs'),
  'rotation-unknown': usage('{reason}', 'leakwarden rotate status lists the rotations, and leakwarden rotate FINDING makes a plan'),
  'rotation-log-broken': usage(
    '{reason}',
    'leakwarden rotate status says what was done so far, and leakwarden rotate resume goes on with it (docs/rotation.md)',
  ),
  'rotation-busy': usage('process {process} works on the rotation of {what}', 'wait for it, and look: leakwarden rotate status'),
  'rotators-invalid': usage('{path}: {reason}', 'docs/rotation.md says what may stand in it'),
  'plan-invalid': usage('{path} is not a plan of a rotation: {reason}', 'make one: leakwarden rotate FINDING'),
  'finding-unknown': usage('there is no finding {id} in {where}', 'say where it is: --in PATH, a file, a folder or a repository'),
  // ---- problems: the scan goes on and is incomplete
  'unreadable': problem('cannot read {path}: {reason}', 'check its permissions; nothing in it was scanned'),
  'not-a-file': problem('{path} is a {kind}, not a file', 'only regular files are scanned'),
  'outside-root': problem('{path} is a link that leads out of the scanned folder', 'scan the folder it leads to by its own path'),
  'link-loop': problem('{path} is a link that leads back to itself or to nothing', 'remove the link, or exclude it'),
  'changed-while-read': problem('{path} changed while it was read', 'scan again when nothing writes to it'),
  'too-large': problem(
    '{path} is larger than {limit} bytes; not all of it was scanned',
    'scan it as a file, by its path: files of any size are read in pieces',
  ),
  'too-many-matches': problem(
    '{path} holds more than {limit} matches; the rest were not looked at',
    'exclude it, or switch the noisy rule off',
  ),
  'too-many-values': problem(
    '{path} holds more than {limit} different texts in the places of passwords; the rest were not compared with your stores',
    'exclude the paths that hold most of them (scan.exclude), or audit it in parts (--since, --range)',
  ),
  'store-unreadable': problem(
    '{store}: {ref} cannot be read: {reason}',
    'give the credential the right to read it, or leave it out of what is synced',
  ),
  'store-failed': problem('{store} cannot be read: {reason}', 'leakwarden store status says more; what the index knew before still counts'),
  'issuer-unanswered': problem(
    '{host} was asked about {count} credentials and did not say whether they work: {reason}',
    'ask again later: leakwarden check REPORT --check issuers',
  ),
  'time-spent': problem(
    'the check took longer than {seconds} s and was stopped; not all was looked at',
    'give it more time: --time-budget SECONDS, or LEAKWARDEN_TIME_BUDGET',
  ),
  'decode-limit': problem(
    '{path} holds more encoded text than is decoded; the rest of it was scanned as it stands',
    'decode it by hand and scan that, or say --max-decode-depth 0',
  ),
  'pack-damaged': problem('the pack {path} is damaged: {reason}', 'git fsck says more; a fresh clone may have it whole'),
  'object-damaged': problem(
    'the object {id} cannot be read: {reason}',
    'git fsck says more; a fresh clone may have it whole; nothing in it was scanned',
  ),
  'objects-damaged': problem('{count} more objects of {path} cannot be read', 'git fsck names them; a fresh clone may have them whole'),
  'object-too-large': problem(
    'the object {id} has {size} bytes; more than {limit} are not scanned',
    'check it out and scan the file by its path',
  ),
  'object-missing': problem(
    'the object {id} is not in the repository',
    'fetch it: git fetch --refetch, or clone anew; nothing in it was scanned',
  ),
  'alternate-unread': problem(
    'the alternate {path} was not read: {reason}',
    'check objects/info/alternates; objects that lie there were not scanned',
  ),
  'too-much-to-unpack': problem(
    'the repository unpacks to more than {limit} bytes; not all of it was scanned',
    'such a repository is made to keep its readers busy; audit what you know of it with --range',
  ),
  'archive-broken': problem('{path} is a damaged archive: {reason}', 'what could be read of it was scanned; make it anew, or exclude it'),
  'archive-encrypted': problem('{path} is encrypted: {reason}', 'decrypt it and scan what comes out, or exclude it'),
  'archive-limit': problem(
    '{path}: {reason} is beyond {limit}; the rest of it was not scanned',
    'unpack it and scan the folder; --max-archive-depth sets the nesting',
  ),
  'archive-method': problem('{path} cannot be unpacked: {reason}', 'unpack it by other means and scan the folder, or exclude it'),
  'git-failed': problem('git {command} failed: {reason}', 'run that command by hand to see more'),
  'clone-failed': problem('cannot clone {path}: {reason}', 'clone it by hand with git clone --mirror, and audit the clone'),
  'github-failed': problem(
    '{name}: GitHub did not give {what}: {reason}',
    'docs/audit.md says which rights the token needs; what else there is was audited',
  ),
  'github-limit': problem(
    '{name} has more {what} than are audited: {count}, and {limit} are',
    'name parts of it, or choose by --topic, --visibility, --forks and --archived; --max-repositories takes more repositories',
  ),
  'shallow-clone': problem(
    '{path} is a shallow clone: the commits before its oldest ones are missing',
    'complete it: git -C {path} fetch --unshallow',
  ),
  'partial-clone': problem(
    '{path} is a partial clone: {count} objects are missing',
    'complete it: git -C {path} fetch --refetch --no-filter',
  ),
  'grafted-history': problem('{path} has grafts, which hide commits', 'remove its info/grafts and audit again'),
  'objects-missing': problem(
    '{count} objects of {path} are missing, the first is {object}',
    'git -C {path} fsck names them; get them from another clone',
  ),
  'history-unreadable': problem(
    'git could not walk the history of {path}: {reason}',
    'git -C {path} fsck shows what is wrong; what was not reached has no commit in the report',
  ),
  'interrupted': problem('the scan was interrupted', 'run it again; what was found so far is in the report'),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

export type ErrorData = Readonly<Record<string, string | number>>;

/** Returns text without control characters, bidirectional marks, line breaks and halves of surrogate pairs, fit for a terminal. */
export function printable(text: string): string {
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const isBidi =
      code === 0x061c || (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const isBreak = code === 0x2028 || code === 0x2029;
    const isHalf = code >= 0xd800 && code <= 0xdfff;
    out += isControl || isBidi || isBreak || isHalf ? `\\u{${code.toString(16)}}` : character;
  }
  return out;
}

/** Returns the sentence of a code with its data filled in. */
export function describe(code: ErrorCode, data: ErrorData): string {
  return fill(ERRORS[code].sentence, data);
}

/** Returns the hint of a code with its data filled in. */
export function hintOf(code: ErrorCode, data: ErrorData): string {
  return fill(ERRORS[code].hint, data);
}

function fill(text: string, data: ErrorData): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in data ? printable(String(data[name])) : whole));
}

/** An error that a user can do something about. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, data: ErrorData = {}, options?: { cause?: unknown }) {
    super(describe(code, data), options);
    this.name = 'ToolError';
    this.code = code;
    this.data = data;
  }
}

/** Returns a caught value's message, for the `reason` of an error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
