/** Numbers and sizes as the text reports write them, the same in every locale. */
import type { Encoding, Finding } from '../core/contracts.ts';
import { SEVERITIES, type Severity } from '../core/rule.ts';

/** Returns 0 for the gravest severity, 3 for the least. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Returns `1 finding`, `1,204 findings`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : plural}`;
}

/** Returns bytes in decimal units: `812 bytes`, `12.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Returns `2 critical, 1 high`; '' for no findings. */
export function bySeverity(findings: readonly Finding[]): string {
  return SEVERITIES.map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${thousands(count)} ${severity}`)
    .join(', ');
}

/** Returns `decoded from base64, then gzip`. */
export function decodedWords(encodings: readonly Encoding[]): string {
  return `decoded from ${encodings.join(', then ')}`;
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
