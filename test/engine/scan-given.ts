/** Scans what a source gives, with all rules and as `leakwarden scan` does on one thread: for the tests of sources and the engine together. */
import { type GiveBlobs, scanBlobs } from '../../src/engine/scan-blobs.ts';
import { loadRuleset } from '../../src/ruleset/load.ts';

export async function scanGiven(give: GiveBlobs): ReturnType<typeof scanBlobs> {
  return await scanBlobs(give, {
    ruleset: await loadRuleset(),
    threads: 1,
    workerFile: null,
    binary: false,
    maxDecodeDepth: 3,
    isAudit: false,
    archiveDepth: 3,
    wantsValues: false,
    stored: null,
    checker: null,
    signal: new AbortController().signal,
  });
}
