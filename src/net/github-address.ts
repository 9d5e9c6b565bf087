/**
 * Where a GitHub is: the address of its API, of its pages and of its gists, from what the owner says (`--github-url`) or from the variables that a runner
 * sets (GITHUB_API_URL, GITHUB_SERVER_URL). Nothing here comes from a reply, so that a token goes to no host but these.
 * docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api: `https://HOST/api/v3` of a server, `api.NAME.ghe.com` of a tenant.
 */

export type GitHubAddress = {
  /** Without a slash at its end. */
  readonly api: string;
  /** Pages, and repositories for git: `https://github.com`. */
  readonly web: string;
  /** Gists and their repositories: `https://gist.github.com`. */
  readonly gists: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

const PUBLIC: GitHubAddress = { api: 'https://api.github.com', web: 'https://github.com', gists: 'https://gist.github.com' };

/** Returns the addresses, or null where a text is no address of a GitHub: https (http on loopback), without user, query and fragment. */
export function gitHubAddress(named: string | undefined, env: Environment): GitHubAddress | null {
  if (named !== undefined) return fromOne(named);
  const api = env['GITHUB_API_URL'] || undefined;
  if (api === undefined) return PUBLIC;
  const server = env['GITHUB_SERVER_URL'] || undefined;
  const derived = fromOne(api);
  const web = server === undefined ? null : parse(server);
  if (derived === null || server === undefined) return derived;
  // The runner names both; of a server they have one host.
  if (web === null || web.origin === derived.web) return web && derived;
  return { api: trimmed(api), web: web.origin, gists: `${web.origin}/gist` };
}

/**
 * Returns the token for a GitHub, from the environment and nowhere else, or null. As GitHub's own program has it (cli.github.com/manual/gh_help_environment): GH_TOKEN and
 * GITHUB_TOKEN are of github.com and its tenants, GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN of servers; where the variables of a runner name a GitHub,
 * the first two are of that one and of no other. So a token for one host never goes to another because of an address.
 */
export function gitHubToken(address: GitHubAddress, env: Environment): string | null {
  const isPublic = address.web === PUBLIC.web || /\.ghe\.com$/.test(address.web);
  const named = [env['GITHUB_API_URL'], env['GITHUB_SERVER_URL']].flatMap((text) => (text ? (parse(text)?.origin ?? []) : []));
  const isTheirs =
    named.length === 0 ? isPublic : named.every((origin) => origin === address.web || origin === new URL(address.api).origin);
  const ofServer = isPublic ? [] : ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'];
  const names = [...ofServer, ...(isTheirs ? ['GH_TOKEN', 'GITHUB_TOKEN'] : [])];
  return names.map((name) => env[name]?.trim()).find((token) => token !== undefined && token !== '') ?? null;
}

function fromOne(text: string): GitHubAddress | null {
  const url = parse(text);
  if (url === null) return null;
  if (url.hostname === 'github.com' || url.hostname === 'api.github.com') return PUBLIC;
  const tenant = /^(?:api\.)?([a-z0-9-]+\.ghe\.com)$/.exec(url.hostname)?.[1];
  if (tenant !== undefined) return { api: `https://api.${tenant}`, web: `https://${tenant}`, gists: `https://gist.${tenant}` };
  const path = trimmed(url.pathname);
  if (path !== '' && path !== '/api/v3') return null;
  return { api: `${url.origin}/api/v3`, web: url.origin, gists: `${url.origin}/gist` };
}

function parse(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  const isLoopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback) ? url : null;
}

function trimmed(path: string): string {
  return path.replace(/\/{1,8}$/, '');
}
