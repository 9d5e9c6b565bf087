/**
 * The sources: who gives blobs to the engine. A new one is one file and one line here; the contract test then covers it.
 */
import type { Readable } from 'node:stream';
import type { Source } from '../core/contracts.ts';
import type { Environment } from '../git/environment.ts';
import { type ComparedOptions, createComparedSource } from './compared.ts';
import { createFilesSource } from './files.ts';
import { createMessageSource } from './message.ts';
import { createPushedSource, type PushedOptions } from './pushed.ts';
import { createStagedSource } from './staged.ts';
import { createStdinSource } from './stdin.ts';
import { createTextsSource, type NamedText } from './texts.ts';

/** What a scan was asked to read. */
export type SourceRequest = {
  /** Paths and patterns; `-` is standard input. */
  readonly inputs: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly noIgnore: boolean;
  readonly stdin: Readable;
  /** For `pushed`. */
  readonly pushed?: Pick<PushedOptions, 'stage' | 'input' | 'remote'>;
  /** For `compared`. */
  readonly compared?: Pick<ComparedOptions, 'from' | 'to'>;
  /** For `texts`. */
  readonly texts?: readonly NamedText[];
};

export const SOURCES = {
  files: (request: SourceRequest): Source =>
    createFilesSource(
      request.inputs.filter((input) => input !== '-'),
      request,
    ),
  stdin: (request: SourceRequest): Source => createStdinSource(request.stdin),
  /** The file that the commit-msg hook gets, the only input. */
  message: ({ inputs: [file = ''] }: SourceRequest): Source => createMessageSource(file),
  texts: ({ texts = [] }: SourceRequest): Source => createTextsSource(texts),
  compared: ({ cwd, env, compared = { from: null, to: 'HEAD' } }: SourceRequest): Source => createComparedSource({ cwd, env, ...compared }),
  pushed: ({ cwd, env, pushed = { stage: 'pre-push', input: '', remote: '' } }: SourceRequest): Source =>
    createPushedSource({ cwd, env, ...pushed }),
  staged: ({ cwd, env }: SourceRequest): Source => createStagedSource({ cwd, env }),
} as const satisfies Record<string, (request: SourceRequest) => Source>;

export type SourceKind = keyof typeof SOURCES;
