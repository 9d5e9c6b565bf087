/** Scanners with all rules as they stand in rules/, for the tests of what is found and what is left alone. */
import type { FoundMatch } from '../../src/engine/found-match.ts';
import { BlobScanner, type ScanSetup } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import { type Engine, V8 } from '../../src/ruleset/regex-engine.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';

export const { ruleset } = compileRules(await readRuleFiles());

/** `usual` as `leakwarden scan` does it, `audit` as with --min-confidence low. */
export function makeScanners(engine: Engine = V8): { readonly usual: BlobScanner; readonly audit: BlobScanner } {
  const setup: ScanSetup = { ruleset, off: new Set<number>(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 };
  const module = builtInKernel();
  return {
    usual: new BlobScanner(new Kernel(module, ruleset.image), setup, engine),
    audit: new BlobScanner(new Kernel(module, ruleset.image), { ...setup, isAudit: true }, engine),
  };
}

/** Returns the matches of one text with a line end. */
export function scanText(scanner: BlobScanner, path: string, text: string): readonly FoundMatch[] {
  return scanner.scan(readFromBytes(Buffer.from(`${text}\n`)), path).matches;
}

/** Whether a scan at the default level reports it. */
export function isReported({ placeholder, doubt, confidence }: FoundMatch): boolean {
  return placeholder === null && doubt === null && confidence !== 'low';
}

export const ruleOf = ({ rule }: FoundMatch): string => ruleset.ids[rule] ?? '';
