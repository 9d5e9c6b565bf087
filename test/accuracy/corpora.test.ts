/**
 * Recall on the labelled corpora of other scanners' rule tests, which lie beside this repository where it is developed; elsewhere these
 * tests are skipped. The floors stand a little below what was measured, so that a lost rule or a stricter judgement shows; what `npm run accuracy` prints comes
 * from the corpora's own scorer and differs by some thousandths. What is missed as an audit is meant to be: wrong checksums, templates, forms of no issuer.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FoundMatch } from '../../src/engine/found-match.ts';
import type { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { loadLinearEngine } from '../../src/ruleset/regex-engine.ts';
import { isReported, makeScanners } from '../engine/rules-scanner.ts';
import { isFound, type Label, readPositives } from './labels.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url);

/** Least share of the positives that must be found, as an audit and at the default confidence; `npm run accuracy` measures. */
const FLOORS: Readonly<Record<string, readonly [audit: number, usual: number]>> = {
  gitleaks: [0.99, 0.97],
  betterleaks: [0.985, 0.96],
  noseyparker: [0.91, 0.73],
  secretlint: [0.86, 0.775],
  'detect-secrets': [0.855, 0.7],
  'creddata-dev': [0.905, 0.9],
};

/** Only these of the real repositories: kinds that people take for credentials, and no tests of theirs. */
const isCounted = ({ tags = [], gt }: Label): boolean => gt === undefined || (gt !== 'X' && tags.includes('core'));

describe.skipIf(!existsSync(CORPORA))('recall on labelled corpora', async () => {
  const { usual, audit } = makeScanners(await loadLinearEngine());

  for (const [corpus, [ofAudit, ofUsual]] of Object.entries(FLOORS)) {
    const folder = new URL(`${corpus}/`, CORPORA);
    it.skipIf(!existsSync(folder))(`${corpus}: at least ${ofAudit} as an audit, ${ofUsual} by default`, { timeout: 240_000 }, () => {
      const labels = readPositives(folder).filter(isCounted);
      const share = (isKept: (match: FoundMatch) => boolean, scanner: BlobScanner): number => {
        const known = new Map<string, readonly FoundMatch[]>();
        return (
          labels.filter((label) => isFound(label, matchesOf(scanner, known, folder, label.file).filter(isKept))).length / labels.length
        );
      };
      expect(share(({ placeholder }) => placeholder === null, audit)).toBeGreaterThanOrEqual(ofAudit);
      expect(share(isReported, usual)).toBeGreaterThanOrEqual(ofUsual);
    });
  }

  function matchesOf(scanner: BlobScanner, known: Map<string, readonly FoundMatch[]>, folder: URL, file: string): readonly FoundMatch[] {
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), folder);
    const before = known.get(url.href);
    if (before) return before;
    const { matches } = scanner.scan(readFromBytes(readFileSync(url)), file);
    known.set(url.href, matches);
    return matches;
  }
});
