/**
 * Keeps a secret out of the texts that stand round it in a report: the words of an allow comment, a file that is named after the key it holds.
 * Comes in: text from the scanned side and the finding it belongs to. Goes out: the same text without the finding's values.
 */
import type { Finding, Place } from '../core/contracts.ts';
import { reveal } from '../core/secret.ts';

export const MASK = '‹redacted›';

/** Shorter values are words of their own (`main`): to cut them out of a path would break the path and tell the value. */
const LEAST_IN_PATH = 16;
const LEAST_IN_TEXT = 4;

/** Returns free text (a comment, a reason) without the values of the finding's secret and its parts. */
export function maskText(text: string, finding: Finding): string {
  return mask(text, finding, LEAST_IN_TEXT);
}

/** Returns a path without the values of the finding's secret and its parts, short ones apart. */
export function maskPath(path: string, finding: Finding): string {
  return mask(path, finding, LEAST_IN_PATH);
}

/** Returns where people can look at a place; undefined where there is no such page, or its address holds what is to be masked. */
export function pageOf({ path, url }: Place, finding: Finding): string | undefined {
  return url !== undefined && maskPath(path, finding) === path && maskPath(url, finding) === url ? url : undefined;
}

function mask(text: string, finding: Finding, least: number): string {
  const secrets = [finding.secret, ...Object.values(finding.parts).map((part) => part.secret)];
  return secrets.reduce((masked, secret) => {
    return secret.length >= least && secret.length <= masked.length ? masked.replaceAll(reveal(secret, 'compare'), MASK) : masked;
  }, text);
}
