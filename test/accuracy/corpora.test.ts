/**
 * Recall on the labelled corpora of other scanners' rule tests, which lie beside this repository where it is developed; elsewhere these
 * tests are skipped. The floors stand a little below what was measured, so that a lost rule or a stricter judgement shows. What is missed is
 * meant to be: samples (fill characters, sequences, words), wrong checksums, forms that no issuer makes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BlobScanner, type FoundMatch } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import { loadLinearEngine } from '../../src/ruleset/regex-engine.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';
import { isFound, type Label, readPositives } from './labels.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url);

/** Kinds that name something and open nothing: ids, hosts, addresses, public halves. Their own rules are right to say so, or not to exist. */
const NO_SECRETS =
  /client-id$|access-id$|key-id$|auth-id$|app-id$|account-id$|-host(\.\d)?$|instance-url|project-url|jfrog-url|cloud-name|token-name|planetscale-id|-address$|public-key$|ovh-application-key|cloudinary-api-key|^np\.(arn|s3|gcs|google\.1|shopify|aws\.3|age\.1|github\.5|twitter\.1|linkedin\.1|reactapp\.1)|AWSAccountID|Azure(Tenant|Client)Id/;

/** Least share of the positives that must be found: all kinds, and kinds that are secrets. */
const FLOORS: Readonly<Record<string, readonly [number, number]>> = {
  gitleaks: [0.97, 0.978],
  betterleaks: [0.96, 0.978],
  noseyparker: [0.69, 0.75],
  secretlint: [0.78, 0.8],
  'detect-secrets': [0.22, 0.22],
};

describe.skipIf(!existsSync(CORPORA))('recall on labelled corpora', async () => {
  const { ruleset } = compileRules(await readRuleFiles());
  const setup = { ruleset, off: new Set<number>(), includeBinary: false, maxDecodeDepth: 3 };
  const scanner = new BlobScanner(new Kernel(builtInKernel(), ruleset.image), setup, await loadLinearEngine());
  const known = new Map<string, readonly FoundMatch[]>();

  for (const [corpus, [ofAll, ofSecrets]] of Object.entries(FLOORS)) {
    const folder = new URL(`${corpus}/`, CORPORA);
    it.skipIf(!existsSync(folder))(`${corpus}: at least ${ofAll} of all, ${ofSecrets} of the secrets`, { timeout: 120_000 }, () => {
      const labels = readPositives(folder);
      const found = new Set(labels.filter((label) => isFound(label, matchesOf(folder, label.file))));
      const share = (some: readonly Label[]): number => some.filter((label) => found.has(label)).length / some.length;
      const secrets = labels.filter((label) => !NO_SECRETS.test(label.kind));
      expect(share(labels)).toBeGreaterThanOrEqual(ofAll);
      expect(share(secrets)).toBeGreaterThanOrEqual(ofSecrets);
    });
  }

  function matchesOf(folder: URL, file: string): readonly FoundMatch[] {
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), folder);
    const before = known.get(url.href);
    if (before) return before;
    const { matches } = scanner.scan(readFromBytes(readFileSync(url)), file);
    known.set(url.href, matches);
    return matches;
  }
});
