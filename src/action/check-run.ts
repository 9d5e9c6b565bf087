/**
 * The check run `leakwarden` of a commit: its state, a page, an annotation for every place. In: an outcome. GitHub takes fifty annotations a request, so further ones are
 * added by updates. Interface: docs.github.com/rest/checks/runs. Called by src/cli/run-action.ts; throws GitHubError, `forbidden` without `checks: write`.
 */
import { EXIT } from '../core/errors.ts';
import type { GitHub } from '../net/github-client.ts';
import type { Placed } from './annotations.ts';
import { headline, type Links, renderPage } from './markdown.ts';
import type { Outcome } from './outcome.ts';

const ANNOTATIONS_A_REQUEST = 50;
/** Each request takes a second, since GitHub wants writes apart. */
const MOST_ANNOTATIONS = 1000;
/** Of 65,535 characters. */
const MAX_SUMMARY_BYTES = 60_000;

const LEVELS = { error: 'failure', warning: 'warning', notice: 'notice' } as const;

export async function putCheckRun(
  github: GitHub,
  place: { readonly owner: string; readonly repo: string; readonly head: string },
  outcome: Outcome,
  links: Links,
  placed: readonly Placed[],
): Promise<void> {
  const { owner, repo, head } = place;
  const annotations = placed.slice(0, MOST_ANNOTATIONS).map(({ level, title, message, file, line, endLine }) => ({
    path: file,
    start_line: line,
    end_line: endLine,
    annotation_level: LEVELS[level],
    title,
    message,
  }));
  const output = { title: headline(outcome), summary: renderPage(outcome, links, MAX_SUMMARY_BYTES) };
  const first = { ...output, annotations: annotations.slice(0, ANNOTATIONS_A_REQUEST) };
  const run = { owner, repo, name: 'leakwarden', head_sha: head, status: 'completed' as const, conclusion: conclusionOf(outcome) };
  const { data } = await github.rest.checks.create({ ...run, output: first });
  for (let at = ANNOTATIONS_A_REQUEST; at < annotations.length; at += ANNOTATIONS_A_REQUEST) {
    const more = { ...output, annotations: annotations.slice(at, at + ANNOTATIONS_A_REQUEST) };
    await github.rest.checks.update({ owner, repo, check_run_id: data.id, output: more });
  }
}

function conclusionOf({ exitCode, shown }: Outcome): 'success' | 'failure' | 'neutral' {
  if (exitCode !== EXIT.clean) return 'failure';
  return shown.length === 0 ? 'success' : 'neutral';
}
