/**
 * What an event of GitHub is about: its name and payload in, what is to be scanned out, still without a look at the repository (find-range.ts does that).
 * Payloads: docs.github.com/webhooks/webhook-events-and-payloads; which fields count, and why, stands in docs/action.md.
 */
import { ToolError } from '../core/errors.ts';

export type PullRequest = {
  readonly number: number;
  readonly base: string;
  readonly baseRef: string;
  readonly head: string;
  /** It comes from another repository: its token reads only. */
  readonly isFork: boolean;
};

export type Subject =
  /** Commits that came to a branch or tag; `before` null: it is new. */
  | {
      readonly kind: 'push';
      readonly ref: string;
      readonly before: string | null;
      readonly after: string;
      readonly defaultBranch: string | null;
    }
  | { readonly kind: 'pull-request'; readonly pull: PullRequest }
  /** From one commit to another: a merge queue, or what the inputs say. */
  | { readonly kind: 'range'; readonly from: string; readonly to: string; readonly ref: string | null }
  /** Everything that is there, or all that one ref leads to. */
  | { readonly kind: 'history'; readonly ref: string | null }
  /** The files of the commit that is checked out. */
  | { readonly kind: 'tree' }
  | { readonly kind: 'nothing'; readonly why: string };

export const MODES = ['auto', 'diff', 'history', 'tree'] as const;
export type Mode = (typeof MODES)[number];

export type Asked = { readonly mode: Mode; readonly base: string; readonly head: string };

type Payload = Readonly<Record<string, unknown>>;

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Throws ToolError bad-input for inputs that contradict each other and events that say nothing about commits. */
export function subjectOf(event: string, payload: Payload, env: Readonly<Record<string, string | undefined>>, asked: Asked): Subject {
  if (asked.base !== '' || asked.head !== '') {
    if (asked.mode === 'history' || asked.mode === 'tree') throw refused(`base and head are for mode diff, not ${asked.mode}`);
    if (asked.base === '') throw refused('head needs base: the commits that head has and base has not');
    return { kind: 'range', from: asked.base, to: asked.head === '' ? 'HEAD' : asked.head, ref: null };
  }
  if (asked.mode === 'history') return { kind: 'history', ref: null };
  if (asked.mode === 'tree') return { kind: 'tree' };
  const subject = ofEvent(event, payload, env);
  if (asked.mode === 'diff' && subject.kind === 'history')
    throw refused(`mode diff: the event ${event} has no range; name one with base and head`);
  return subject;
}

function ofEvent(event: string, payload: Payload, env: Readonly<Record<string, string | undefined>>): Subject {
  const pull = objectAt(payload, 'pull_request');
  if (pull !== null) return { kind: 'pull-request', pull: pullRequestOf(pull, payload) };
  switch (event) {
    case 'push':
      return ofPush(payload);
    case 'create': {
      const name = textAt(payload, 'ref');
      const ref = textAt(payload, 'ref_type') === 'tag' ? `refs/tags/${name}` : `refs/heads/${name}`;
      return {
        kind: 'push',
        ref,
        before: null,
        after: idOf(env['GITHUB_SHA'] ?? '', 'GITHUB_SHA'),
        defaultBranch: defaultBranchOf(payload),
      };
    }
    case 'delete':
      return { kind: 'nothing', why: `${textAt(payload, 'ref')} was deleted` };
    case 'merge_group': {
      const group = objectAt(payload, 'merge_group') ?? {};
      const from = idOf(textAt(group, 'base_sha'), 'merge_group.base_sha');
      return { kind: 'range', from, to: idOf(textAt(group, 'head_sha'), 'merge_group.head_sha'), ref: textAt(group, 'head_ref') || null };
    }
    case 'release': {
      const tag = textAt(objectAt(payload, 'release') ?? {}, 'tag_name');
      if (tag === '') throw refused('the event release names no tag');
      return { kind: 'history', ref: `refs/tags/${tag}` };
    }
    case 'schedule':
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return { kind: 'history', ref: null };
    default:
      throw refused(`the event ${event} is about no commits; set mode to history or tree, or name a range with base and head`);
  }
}

function ofPush(payload: Payload): Subject {
  const [ref, before, after] = [textAt(payload, 'ref'), textAt(payload, 'before'), textAt(payload, 'after')];
  if (payload['deleted'] === true || isNothing(after)) return { kind: 'nothing', why: `${ref} was deleted` };
  return {
    kind: 'push',
    ref,
    before: isNothing(before) ? null : idOf(before, 'before'),
    after: idOf(after, 'after'),
    defaultBranch: defaultBranchOf(payload),
  };
}

function pullRequestOf(pull: Payload, payload: Payload): PullRequest {
  const [base, head] = [objectAt(pull, 'base') ?? {}, objectAt(pull, 'head') ?? {}];
  const number = pull['number'] ?? payload['number'];
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1)
    throw refused('the pull request of the event has no number');
  const [from, to] = [objectAt(head, 'repo'), objectAt(base, 'repo')];
  return {
    number,
    base: idOf(textAt(base, 'sha'), 'pull_request.base.sha'),
    baseRef: textAt(base, 'ref'),
    head: idOf(textAt(head, 'sha'), 'pull_request.head.sha'),
    // A fork that was deleted since has no repository.
    isFork: from === null || textAt(from, 'full_name') !== textAt(to ?? {}, 'full_name'),
  };
}

function defaultBranchOf(payload: Payload): string | null {
  return textAt(objectAt(payload, 'repository') ?? {}, 'default_branch') || null;
}

function isNothing(id: string): boolean {
  return /^0+$/.test(id);
}

function idOf(text: string, name: string): string {
  if (ID.test(text)) return text;
  throw refused(`${name} of the event is no id of a commit`);
}

function refused(message: string): ToolError {
  return new ToolError('bad-input', { message });
}

export function objectAt(value: Payload, key: string): Payload | null {
  const inner = value[key];
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : null;
}

export function textAt(value: Payload, key: string): string {
  const inner = value[key];
  return typeof inner === 'string' ? inner : '';
}
