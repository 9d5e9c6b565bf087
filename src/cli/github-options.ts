/** What `leakwarden audit` takes for a GitHub, as data for command-tree.ts; github-audit-options.ts reads what was given. */
import type { OptionSpec } from './command-tree.ts';

const TAKEN = ['all', 'none', 'only'] as const;

export const GITHUB_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'github',
    value: 'NAME',
    repeatable: true,
    help: 'audit all repositories of an OWNER at GitHub, or OWNER/REPO; the token is in GH_TOKEN or GITHUB_TOKEN, for a server in GH_ENTERPRISE_TOKEN',
  },
  { name: 'github-url', value: 'URL', help: 'GitHub Enterprise: https://github.example.com (default: GITHUB_API_URL, else github.com)' },
  {
    name: 'also',
    value: 'WHAT',
    repeatable: true,
    choices: ['issues', 'pulls', 'comments', 'releases', 'wikis', 'gists', 'logs', 'all'],
    help: 'also what lies beside the repositories: issues, pulls (pull requests, reviews), comments, releases (notes), wikis, gists, logs (of Actions), all',
  },
  { name: 'forks', value: 'WHICH', choices: TAKEN, help: 'forks: all, none or only (default: all)' },
  { name: 'archived', value: 'WHICH', choices: TAKEN, help: 'archived repositories: all, none or only (default: all)' },
  { name: 'topic', value: 'TOPIC', repeatable: true, help: 'only repositories with this topic' },
  {
    name: 'visibility',
    value: 'WHICH',
    repeatable: true,
    choices: ['public', 'private', 'internal'],
    help: 'only repositories that are public, private or internal',
  },
  { name: 'max-repositories', value: 'N', help: 'audit N repositories at most; more are a problem (default: 10000)' },
  { name: 'max-clone-size', value: 'MIB', help: 'clone nothing larger (default: 65536)' },
  { name: 'max-clone-time', value: 'MINUTES', help: 'end a clone that takes longer (default: 120)' },
];
