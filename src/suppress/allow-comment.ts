/**
 * Comments beside a value that say it may stand there: ours, `leakwarden:allow [rule[, rule]] [-- reason]`, on the same line or alone
 * on the line before, and those of other scanners (facts/compatibility.md, section 2).
 *
 * A mark counts only inside of something that looks like a comment and outside of the value. Languages are not told apart: an opener
 * counts where at least one common language has it, since a mark that is overlooked costs a report and one that is made up needs the very words.
 */
import { isUtf8 } from 'node:buffer';
import type { Match, Suppressor } from '../core/contracts.ts';
import type { RuleId } from '../core/rule.ts';
import { reveal } from '../core/secret.ts';

/** How what follows the mark is read. */
type Names = 'ours' | 'secretlint' | 'none';

type Mark = { readonly pattern: RegExp; readonly names: Names; readonly here: boolean; readonly above: boolean };

const MARKS: readonly Mark[] = [
  { pattern: /\bleakwarden:allow(?![\w-])/, names: 'ours', here: true, above: true },
  { pattern: /\b(?:gitleaks|betterleaks):allow(?![\w-])/, names: 'none', here: true, above: false },
  { pattern: /\b(?:trufflehog|kingfisher|leakwatch):ignore(?![\w-])/, names: 'none', here: true, above: false },
  { pattern: /\bpragma: ?(?:allow|white)list[ -]secret(?![\w-])/, names: 'none', here: true, above: false },
  { pattern: /\bpragma: ?(?:allow|white)list[ -]nextline[ -]secret(?![\w-])/, names: 'none', here: false, above: true },
  { pattern: /\bggignore(?![\w-])/, names: 'none', here: true, above: false },
  { pattern: /\bsecretlint-disable-line(?![\w-])/, names: 'secretlint', here: true, above: false },
  { pattern: /\bsecretlint-disable-next-line(?![\w-])/, names: 'secretlint', here: false, above: true },
];

/**
 * The start of a comment: after a space, bracket, quote or separator (so not in `://` or `a#b`); some only as the first thing on a line.
 * The look-behinds stand after what they judge, so that long runs of spaces cost nothing.
 */
const OPENER =
  /(?<=^|[\s;,)\]}>"'`])(?:\/\/|\/\*|#|--|;|<!--|<%--|%|\(\*|\{-|\{\{!|\{#|'(?=\s)|(?:REM|rem|dnl)(?=\s))|(?:[*!]|::|"(?=\s)|@rem(?=\s))(?<=^\s*(?:[*!]|::|"|@rem))/;

/** What closes a comment on its own line. */
const CLOSER = /(?:\*\/|--%?>|\*\)|-\}|#\}|\}\}|%>)$/;

/** Characters of a line, from its end, that are looked at; the excerpt holds no more than 4 KiB in all. */
const MAX_LINE_CHARS = 4096;
/** Characters of a reason that are kept. */
const MAX_REASON_CHARS = 200;

export function createAllowCommentSuppressor(): Suppressor {
  return { id: 'allow-comment', why: allowedBy };
}

function allowedBy(match: Match): string | null {
  const text = reveal(match.excerpt, 'judge');
  if (!/[aA]llow|ignore|pragma|secretlint/.test(text)) return null;
  const lines = withoutValues(text, match)
    .split('\n')
    .map((line) => line.slice(-MAX_LINE_CHARS));
  for (const line of lines.slice(match.excerptLine)) {
    const reason = reasonOn(line, match.rule, 'here');
    if (reason !== null) return reason;
  }
  return match.excerptLine === 0 ? null : reasonOn(lines[match.excerptLine - 1] ?? '', match.rule, 'above');
}

/** Blanks the value and its parts: a mark inside of them is none. The excerpt holds bytes as Latin-1, the value is text. */
function withoutValues(text: string, match: Match): string {
  const secrets = [match.secret, ...Object.values(match.parts).map((part) => part.secret)];
  const values = secrets.flatMap((secret) => {
    const value = reveal(secret, 'judge');
    return [value, Buffer.from(value, 'utf8').toString('latin1')];
  });
  return values.reduce((rest, value) => (value === '' ? rest : rest.replaceAll(value, (found) => found.replace(/[^\n]/g, '\0'))), text);
}

function reasonOn(line: string, rule: RuleId, place: 'here' | 'above'): string | null {
  const opener = OPENER.exec(line);
  if (opener === null) return null;
  const comment = line
    .slice(opener.index + opener[0].length)
    .trimEnd()
    .replace(CLOSER, '');
  for (const { pattern, names, here, above } of MARKS) {
    if (place === 'here' ? !here : !above) continue;
    const mark = pattern.exec(comment);
    if (mark === null) continue;
    const isAlone = line.slice(0, opener.index).trim() === '' && /^[\s\-*#/!:]*$/.test(comment.slice(0, mark.index));
    if (place === 'above' && !isAlone) continue;
    const { named, reason } = readRest(comment.slice(mark.index + mark[0].length));
    if (names === 'none' || isNamed(named, rule, names))
      return reason === '' || names === 'none' ? mark[0] : reason.slice(0, MAX_REASON_CHARS);
  }
  return null;
}

/** ` rule, rule -- why` to its two halves. */
function readRest(rest: string): { named: string[]; reason: string } {
  const dashes = /(?:^|\s)--(?:\s|$)/.exec(rest);
  const names = dashes === null ? rest : rest.slice(0, dashes.index);
  return {
    named: names.split(/[\s,]+/).filter((name) => name !== ''),
    reason: dashes === null ? '' : toText(rest.slice(dashes.index + dashes[0].length).trim()).replaceAll('\0', '*'),
  };
}

/** Bytes as Latin-1 to text: UTF-8 where they are that. */
function toText(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}

/**
 * Returns whether a mark that names rules means this one; naming none means all. secretlint's rules are packages
 * (`@secretlint/secretlint-rule-github`), of which the last word is compared with the start of our id; a preset means all.
 */
function isNamed(named: readonly string[], rule: RuleId, names: Exclude<Names, 'none'>): boolean {
  if (named.length === 0) return true;
  if (names === 'ours') return named.includes(rule);
  return named.some((name) => {
    const word = name.split('secretlint-rule-').at(-1) ?? '';
    return word.startsWith('preset-') || (word !== '' && rule.replaceAll('-', '').startsWith(word.replaceAll('-', '')));
  });
}
