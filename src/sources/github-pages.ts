/**
 * Where people look at what an audit of a GitHub found: the address of the page of a place. The path of a place says what it is: a file, a message or a tag in the
 * history of a repository, a wiki or a gist, or one of the texts beside it (github-texts.ts). Pure; called when the report is there.
 */
import type { Place } from '../core/contracts.ts';
import type { GitHubAddress } from '../net/github-address.ts';

/** Shown as pages, so that lines count in their plain form only. */
const RENDERED = /\.(?:md|markdown|mdown|mkdn?|rst|adoc|asciidoc|org|textile|wiki|creole|rdoc|pod|mediawiki)$/i;

/** Returns the address, or undefined where there is no page. */
export function pageOf(
  { path, line, endLine, commit }: Pick<Place, 'path' | 'line' | 'endLine' | 'commit'>,
  at: GitHubAddress,
): string | undefined {
  const [owner = '', name = '', ...rest] = path.split('/');
  if (owner === '' || name === '' || rest.length === 0) return undefined;
  const gist = /^gist:([0-9a-f]+)$/.exec(name)?.[1];
  if (gist !== undefined) return ofGist(`${at.gists}/${owner}/${gist}`, rest, commit);
  if (name.endsWith('.wiki')) {
    const wiki = `${at.web}/${owner}/${name.slice(0, -'.wiki'.length)}/wiki`;
    return commit === undefined || rest[0] === '.git' ? wiki : `${wiki}/${joined(rest).replace(/\.[^./]+$/, '')}/${commit}`;
  }
  const base = `${at.web}/${owner}/${name}`;
  if (rest[0] === '.git') return ofText(base, rest.slice(1));
  if (commit === undefined) return undefined;
  const plain = RENDERED.test(path) ? '?plain=1' : '';
  const lines = endLine > line ? `#L${line}-L${endLine}` : `#L${line}`;
  return `${base}/blob/${commit}/${joined(rest)}${plain}${lines}`;
}

function ofGist(base: string, rest: readonly string[], commit: string | undefined): string {
  if (rest[0] === '.git' && rest[1] === 'comment') return `${base}?permalink_comment_id=${encodeURIComponent(rest[2] ?? '')}`;
  return commit === undefined ? base : `${base}/${commit}`;
}

/** `commit/ID`, `tag/NAME` as docs/audit.md has them, and what github-texts.ts adds. */
function ofText(base: string, [kind = '', id = '', ...rest]: readonly string[]): string | undefined {
  const [part, number] = rest.map(encodeURIComponent);
  switch (kind) {
    case 'commit':
      return `${base}/commit/${encodeURIComponent(id)}${part === 'comment' ? `#commitcomment-${number}` : ''}`;
    case 'tag':
    case 'release':
      return `${base}/releases/tag/${joined([id, ...rest])}`;
    case 'issue':
      return `${base}/issues/${encodeURIComponent(id)}${part === 'comment' ? `#issuecomment-${number}` : ''}`;
    case 'pull':
      if (part === 'review') return `${base}/pull/${encodeURIComponent(id)}#pullrequestreview-${number}`;
      if (part === 'diff-comment') return `${base}/pull/${encodeURIComponent(id)}#discussion_r${number}`;
      return `${base}/pull/${encodeURIComponent(id)}${part === 'comment' ? `#issuecomment-${number}` : ''}`;
    case 'run':
      return `${base}/actions/runs/${encodeURIComponent(id)}/attempts/${(part ?? '').replace(/\.zip.*$/, '')}`;
    default:
      return undefined;
  }
}

function joined(segments: readonly string[]): string {
  return segments.map(encodeURIComponent).join('/');
}
