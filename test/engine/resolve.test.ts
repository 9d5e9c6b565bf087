/** Which of several matches at one secret is reported, and how sure it then is: through the real engine, with the built-in rules. */
import { describe, expect, it } from 'vitest';
import { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { loadLinearEngine } from '../../src/ruleset/regex-engine.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';

const { ruleset } = compileRules(await readRuleFiles());
const scanner = new BlobScanner(
  new Kernel(builtInKernel(), ruleset.image),
  { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 },
  await loadLinearEngine(),
);

const found = (text: string): string[] =>
  scanner
    .scan(readFromBytes(Buffer.from(fillExample(text, 'resolve'))), 'src/settings.conf')
    .matches.map((match) => `${ruleset.ids[match.rule]} ${match.confidence}`);

describe('a rule that names a provider, in the place of a generic one', () => {
  it('is as sure as the generic rule was, though less sure by itself', () => {
    expect(found('FULCRUM_API_TOKEN={{loweralnum:80}}')).toEqual(['fulcrum-api-key high']);
  });

  it('stays as it is where no generic rule saw a secret', () => {
    expect(found('fulcrum_layout: {{loweralnum:80}}')).toEqual(['fulcrum-api-key medium']);
  });

  it('stays doubtful where its value is a sample', () => {
    expect(found('FULCRUM_API_TOKEN={{repeat:abcd1234:10}}')).not.toContain('fulcrum-api-key high');
  });
});
