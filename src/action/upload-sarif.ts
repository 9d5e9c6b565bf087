/**
 * Sends a SARIF report to code scanning and waits until it was taken. In: the report's text, commit and ref. Interface: docs.github.com/rest/code-scanning
 * "Upload an analysis as SARIF data"; limits: 10 MB compressed. Throws GitHubError, `forbidden` without `security-events: write`.
 */
import { gzipSync } from 'node:zlib';
import type { Log } from 'sarif';
import { printable } from '../core/errors.ts';
import { type GitHub, GitHubError } from '../net/github-client.ts';

const MAX_GZIP_BYTES = 10_000_000;
const POLLS = 12;
const POLL_MS = 5000;

export type SarifPlace = {
  readonly owner: string;
  readonly repo: string;
  readonly commit: string;
  readonly ref: string;
  readonly started: string;
};

/** Returns what GitHub said of it: `complete`, or `pending` when it takes long. `sleep` waits, and is cut short in tests. */
export async function uploadSarif(
  github: GitHub,
  place: SarifPlace,
  text: string,
  sleep: (ms: number) => Promise<void>,
): Promise<'complete' | 'pending'> {
  const { owner, repo, commit, ref, started } = place;
  const packed = gzipSync(withLineHashes(text));
  if (packed.length > MAX_GZIP_BYTES)
    throw new GitHubError('refused', 0, `the report has ${packed.length} bytes compressed; code scanning takes ${MAX_GZIP_BYTES}`);
  const { data } = await github.rest.codeScanning.uploadSarif({
    owner,
    repo,
    commit_sha: commit,
    ref,
    sarif: packed.toString('base64'),
    started_at: started,
    tool_name: 'leakwarden',
  });
  for (let count = 0; count < POLLS; count++) {
    const { data: state } = await github.rest.codeScanning.getSarif({ owner, repo, sarif_id: data.id ?? '' });
    if (state.processing_status === 'complete') return 'complete';
    if (state.processing_status === 'failed')
      throw new GitHubError('refused', 0, printable(`code scanning refused the report: ${(state.errors ?? []).join('; ')}`));
    await sleep(POLL_MS);
  }
  return 'pending';
}

/**
 * GitHub tells results apart by `primaryLocationLineHash` and makes none by itself for an upload; the action upload-sarif fills it from the text of the lines, secrets
 * included. Ours is made of the finding and the file, so it stays when lines move and tells nothing of them.
 */
export function withLineHashes(text: string): string {
  const log: Log = JSON.parse(text);
  for (const result of log.runs.flatMap(({ results }) => results ?? [])) {
    const own = result.partialFingerprints?.['leakwarden/v1'];
    if (own !== undefined) result.partialFingerprints = { ...result.partialFingerprints, primaryLocationLineHash: `${own.slice(0, 16)}:1` };
  }
  return JSON.stringify(log);
}
