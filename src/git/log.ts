/**
 * One walk over commits with what each changes: `git log -c --raw`, parsed as it streams. In come tips, out go commits (children before
 * parents) and their changes, to a visitor; nothing is kept, so memory depends on neither the history's length nor a commit's size.
 *
 * `-c` lists for a merge the paths that differ from all its parents, so every (path, blob) that a commit has and none of its parents is
 * listed once, and what a merge alone made is among it; `-m` would list the other branch's whole work again for each merge
 * (docs/decisions/0011-history.md). Names and messages may hold anything but NUL, at which fields end; a field that begins with a
 * colon is a change, and the one after it is its path, whatever it holds.
 */
import { NulFields } from './nul-fields.ts';
import { pathText } from './path-text.ts';
import { type GitScope, streamGit } from './run-git.ts';

export type Person = { readonly name: string; readonly email: string };

export type LogCommit = {
  readonly id: string;
  readonly parents: readonly string[];
  /** Seconds since 1970. */
  readonly authorTime: number;
  readonly committerTime: number;
  readonly author: Person;
  readonly committer: Person;
  /** As UTF-8; no more of it than nul-fields.ts keeps. */
  readonly message: Buffer;
  /** Bytes of the message that were left out. */
  readonly cutBytes: number;
};

/** A path that differs from what all parents have there. `after` is all zeros where it is gone, `before` where it was not. */
export type LogChange = {
  /** Octal, of the commit's own side; `000000` where the path is gone. */
  readonly mode: string;
  /** One for each parent. */
  readonly before: readonly string[];
  readonly after: string;
  readonly path: Buffer;
};

export type LogVisitor = {
  commit(commit: LogCommit): void;
  /** Belongs to the commit before it. */
  change(change: LogChange): void;
};

export type LogRequest = GitScope & {
  /** Commits to start from. */
  readonly tips: readonly string[];
  /** Commits that are left out with all their ancestors. */
  readonly not: readonly string[];
  /** Renamed files are listed with the content that they had before, under their new path. */
  readonly findRenames: boolean;
  /** The tips and nothing behind them. */
  readonly noWalk?: boolean;
};

const HEADER = '%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%cn%x00%ce%x00%B';
const HEADER_FIELDS = 9;

const COLON = 0x3a;

/** Options that make the output independent of all configuration. A signature would be checked by a program that the repository names. */
export const LOG_OPTIONS: readonly string[] = [
  '--no-show-signature',
  '--no-mailmap',
  '--no-notes',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--root',
  '-c',
  '--ignore-submodules=none',
  '--encoding=UTF-8',
];

/** Walks the commits, children first. Throws ToolError: git-failed, git-missing, interrupted; what came before was visited. */
export async function walkLog(request: LogRequest, visitor: LogVisitor): Promise<void> {
  const { tips, not, findRenames, noWalk = false, ...git } = request;
  if (tips.length === 0) return;
  const args = [
    'log',
    ...LOG_OPTIONS,
    '-z',
    '--raw',
    '--no-abbrev',
    `--format=${HEADER}`,
    findRenames ? '--find-renames' : '--no-renames',
    noWalk ? '--no-walk=unsorted' : '--date-order',
    '--stdin',
  ];
  const parser = new LogParser(visitor);
  for await (const chunk of streamGit(args, { ...git, stdin: `${[...tips, ...not.map((id) => `^${id}`)].join('\n')}\n` }))
    parser.push(chunk);
  parser.end();
}

/** Parses the output of `git log -z --raw --no-abbrev` with the header above. */
export class LogParser {
  readonly #visitor: LogVisitor;
  readonly #fields = new NulFields((field, cutBytes) => this.#field(field, cutBytes));
  #header: Buffer[] = [];
  #change: { readonly mode: string; readonly before: readonly string[]; readonly after: string; paths: number } | null = null;

  constructor(visitor: LogVisitor) {
    this.#visitor = visitor;
  }

  push(chunk: Buffer): void {
    this.#fields.push(chunk);
  }

  end(): void {
    this.#fields.end();
  }

  #field(field: Buffer, cutBytes: number): void {
    if (this.#change) this.#path(field);
    else if (this.#header.length > 0 || isId(field)) {
      this.#header.push(field);
      if (this.#header.length === HEADER_FIELDS) this.#commit(cutBytes);
    } else this.#readChange(field.toString('latin1'));
  }

  #commit(cutBytes: number): void {
    const [id = '', parents = '', authorTime = '', committerTime = ''] = this.#header.slice(0, 4).map((field) => field.toString('latin1'));
    const [author = '', authorEmail = '', committer = '', committerEmail = ''] = this.#header.slice(4, 8).map(pathText);
    const message = this.#header[HEADER_FIELDS - 1] ?? Buffer.alloc(0);
    this.#header = [];
    this.#visitor.commit({
      id,
      parents: parents === '' ? [] : parents.split(' '),
      authorTime: Number(authorTime),
      committerTime: Number(committerTime),
      author: { name: author, email: authorEmail },
      committer: { name: committer, email: committerEmail },
      message,
      cutBytes,
    });
  }

  /** `:100644 100644 <id> <id> M`, with one more colon, mode and id for each further parent. Empty fields stand between commits. */
  #readChange(field: string): void {
    const text = field.startsWith('\n') ? field.slice(1) : field;
    if (!text.startsWith(':')) return;
    if (text.charCodeAt(1) !== COLON) this.#readPlain(text);
    else this.#readMerged(text);
  }

  /** The usual case, by places: `:100644 100644 ` is 15 characters, and both ids are equally long. */
  #readPlain(text: string): void {
    const end = text.indexOf(' ', 15);
    const status = text.charAt(2 * end - 13);
    this.#change = {
      mode: text.slice(8, 14),
      before: [text.slice(15, end)],
      after: text.slice(end + 1, 2 * end - 14),
      paths: status === 'R' || status === 'C' ? 2 : 1,
    };
  }

  #readMerged(text: string): void {
    const words = text.split(' ');
    const parents = text.search(/[^:]/);
    this.#change = {
      mode: words[parents] ?? '',
      before: words.slice(parents + 1, 2 * parents + 1),
      after: words[2 * parents + 1] ?? '',
      paths: 1,
    };
  }

  #path(path: Buffer): void {
    const change = this.#change;
    if (!change) return;
    change.paths -= 1;
    if (change.paths > 0) return;
    this.#change = null;
    this.#visitor.change({ mode: change.mode, before: change.before, after: change.after, path });
  }
}

function isId(field: Buffer): boolean {
  return (field.length === 40 || field.length === 64) && /^[0-9a-f]+$/.test(field.toString('latin1'));
}
