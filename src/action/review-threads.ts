/**
 * What of a review only GitHub's GraphQL can do: who the token is, and resolving the threads of comments. A token that may not is no error: the comments themselves say
 * what became of them. GITHUB_TOKEN needs `contents: write` beside `pull-requests: write` to resolve (docs/action.md). Called by review.ts.
 */
import { printable } from '../core/errors.ts';
import { type GitHub, GitHubError } from '../net/github-client.ts';

/** What the job's own token writes as. */
const ACTIONS_BOT = 'github-actions[bot]';
const MAX_REASON_CHARACTERS = 200;

type Threads = {
  readonly repository?: {
    readonly pullRequest?: {
      readonly reviewThreads?: {
        readonly pageInfo?: { readonly hasNextPage?: boolean; readonly endCursor?: string | null };
        readonly nodes?: readonly {
          readonly id?: string;
          readonly isResolved?: boolean;
          readonly comments?: { readonly nodes?: readonly { readonly databaseId?: number }[] };
        }[];
      };
    };
  };
};

const THREADS = `query ($owner: String!, $repo: String!, $pull_number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $pull_number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved comments(first: 1) { nodes { databaseId } } }
      }
    }
  }
}`;

const MUTATIONS = { true: 'resolveReviewThread', false: 'unresolveReviewThread' } as const;

/** Returns the login that comments of this token have. */
export async function viewerLogin(github: GitHub): Promise<string> {
  try {
    const { viewer } = await github.graphql<{ readonly viewer?: { readonly login?: string } }>('query { viewer { login } }');
    return viewer?.login ?? ACTIONS_BOT;
  } catch {
    // An older Enterprise Server, or a token that may not ask: the first writing request says what is wrong.
    return ACTIONS_BOT;
  }
}

/** Resolves or reopens the threads that begin with these comments. Returns why it could not, or null. */
export async function setResolved(
  github: GitHub,
  place: { readonly owner: string; readonly repo: string; readonly pull_number: number },
  comments: readonly number[],
  isResolved: boolean,
): Promise<string | null> {
  try {
    const mutation = `mutation ($id: ID!) { ${MUTATIONS[`${isResolved}`]}(input: { threadId: $id }) { thread { id } } }`;
    for (const id of await threadsOf(github, place, comments, isResolved)) await github.graphql(mutation, { id });
    return null;
  } catch (error) {
    if (error instanceof GitHubError && error.why === 'interrupted') throw error;
    return printable(error instanceof Error ? error.message : 'no reply').slice(0, MAX_REASON_CHARACTERS);
  }
}

async function threadsOf(
  github: GitHub,
  place: { readonly owner: string; readonly repo: string; readonly pull_number: number },
  comments: readonly number[],
  isResolved: boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: Threads = await github.graphql<Threads>(THREADS, { ...place, after });
    const threads = page.repository?.pullRequest?.reviewThreads;
    for (const thread of threads?.nodes ?? []) {
      const first = thread.comments?.nodes?.[0]?.databaseId;
      if (thread.id !== undefined && first !== undefined && comments.includes(first) && thread.isResolved !== isResolved)
        found.push(thread.id);
    }
    const next = threads?.pageInfo?.endCursor ?? null;
    if (threads?.pageInfo?.hasNextPage !== true || next === null || next === after) return found;
    after = next;
  }
}
