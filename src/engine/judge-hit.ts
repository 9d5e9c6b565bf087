/**
 * Judges what a rule's pattern has matched: entropy, checksum, structure, and whether the value says of itself that it is not real; so how sure the match is. In: the
 * rule, the text, the hit. Out: a match, or null. Pure. Called by confirm.ts.
 */
import { DIGIT_BYTES } from '../core/kernel-layout.ts';
import { CONFIDENCES, type Confidence } from '../core/rule.ts';
import { CHECKSUMS } from '../ruleset/checksums/index.ts';
import type { CompiledRule } from '../ruleset/compiled.ts';
import type { Hit } from '../ruleset/regex-engine.ts';
import { STRUCTURES } from '../ruleset/structures/index.ts';
import { entropyBitsPerChar } from './entropy.ts';
import { isRandom } from './generic.ts';
import type { KnownValues } from './known-values.ts';
import { judgePlaceholder, type Placeholder } from './placeholders.ts';
import type { RawMatch } from './raw-match.ts';

/** What makes a token with its issuer's own mark less sure, but no sample for certain (docs/decisions/0004-doubtful-samples.md). */
const ODD_FORMS: ReadonlySet<string> = new Set(['sequence', 'fill characters', 'repeated text']);
const BLANKS = /x{5}|X{5}|\*{3}|\.{3}|0{10}|#{4}|\?{4}/;

/** Documents print the opening of a token and three dots. */
const CUT_SHORT = { reason: 'cut short or masked', isCertain: true } as const;

/** Less entropy than the rule asks for, though form and name are right: `abcd1234abcd1234…` for 44 random characters. */
const PLAIN = 'too few different characters';

/** A rule with `rare` found it. */
const COMMON = 'made of words';

/** Names of files hold digests of what is in them: `logo-3f78….png`. */
const FILE_ENDING = /^\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|css|[cm]?js|map|woff2?|ttf|otf|eot|mp[34]|webm)(?![A-Za-z0-9_-])/i;
const FILE_NAME = { reason: 'name of a file', isCertain: true } as const;

/** `postgres://[user[:password]]@host`: how an address is built. */
const OPTIONAL_PARTS = /:\/\/\[[^@]*\]@/;

/** The text that a hit lies in, and where that begins. */
type Slice = { readonly text: string; readonly from: number };

/** Returns the match that a hit at `at` in the slice comes to, or null where it is none: too plain, a wrong checksum, another structure. */
export function judgeHit(rule: CompiledRule, index: number, slice: Slice, at: number, hit: Hit, values: KnownValues): RawMatch | null {
  const secret = slice.text.slice(at + hit.secretStart, at + hit.secretEnd);
  const core = hit.password ? slice.text.slice(at + hit.password[0], at + hit.password[1]) : secret;
  if (hit.password && OPTIONAL_PARTS.test(secret)) return null;
  if (core === '' || (rule.needsDigit && !/[0-9]/.test(rule.generic ? core.slice(0, DIGIT_BYTES) : core))) return null;
  const entropy = entropyBitsPerChar(core);
  const isPlain = entropy < rule.entropy;
  if (isPlain && rule.context === 'nearby') return null;
  const isCommon = rule.rare && !isRandom(values.of(core));
  const sum = rule.checksum ? CHECKSUMS[rule.checksum.id] : undefined;
  const isRight = sum && rule.checksum ? sum.verify(secret, rule.checksum.seed) : null;
  if (isRight === false && sum?.mismatch === 'reject') return null;
  const structure = rule.structure ? STRUCTURES[rule.structure.id] : undefined;
  const told = structure && rule.structure ? structure.read(secret, rule.structure) : {};
  if (told === null && structure?.mismatch === 'reject') return null;
  const said = isRight
    ? null
    : (saidBehind(slice.text.slice(at + hit.secretEnd, at + hit.secretEnd + BEHIND_BYTES)) ??
      (rule.context === 'none' && rule.prefix !== '' && !hit.password
        ? judgePlaceholder(core, { marked: true, prefixLength: rule.prefix.length })
        : values.of(core).placeholder));
  const isOdd = said !== null && !rule.generic && !hit.password && isOddForm(rule, said.reason, secret.length) && !BLANKS.test(secret);
  const doubt = said !== null && !said.isCertain && !isOdd ? said.reason : isPlain ? PLAIN : isCommon ? COMMON : null;
  const from = slice.from + at;
  return {
    rule: index,
    start: from,
    end: from + hit.end,
    secretStart: from + hit.secretStart,
    secretEnd: from + hit.secretEnd,
    secret,
    password: hit.password && [from + hit.password[0], from + hit.password[1]],
    confidence: confidenceOf(rule.confidence, doubt !== null, isRight === false || told === null, isOdd),
    byRole: null,
    entropy,
    checksum: isRight === null ? 'none' : isRight ? 'valid' : 'invalid',
    placeholder: said?.isCertain === true ? said.reason : null,
    doubt,
    details: told ?? {},
  };
}

/** Bytes behind a match that say whether it ends there, and what it is part of. */
export const BEHIND_BYTES = 8;

function saidBehind(text: string): Placeholder | null {
  if (text.startsWith('...')) return CUT_SHORT;
  return text[0] === '.' && FILE_ENDING.test(text) ? FILE_NAME : null;
}

/** Behind a name with the provider in it a value of this length is the provider's, in whatever order it runs; a shorter one may be a number. */
const LONG_VALUE = 16;
const ODD_ORDERS: ReadonlySet<string> = new Set(['sequence', 'repeated text']);

/** A provider's own mark outweighs any odd form, its name before the value an odd order. */
function isOddForm(rule: CompiledRule, reason: string, length: number): boolean {
  if (rule.prefix !== '') return ODD_FORMS.has(reason);
  return rule.context === 'assignment' && ODD_ORDERS.has(reason) && length >= LONG_VALUE;
}

function confidenceOf(usual: Confidence, isDoubtful: boolean, isWrong: boolean, isOdd: boolean): Confidence {
  if (isDoubtful) return 'low';
  if (isWrong) return lowered(usual);
  return isOdd && usual === 'high' ? 'medium' : usual;
}

function lowered(confidence: Confidence): Confidence {
  return CONFIDENCES[CONFIDENCES.indexOf(confidence) + 1] ?? 'low';
}
