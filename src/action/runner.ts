/**
 * How the runner of GitHub Actions is spoken to: commands on stdout, and the files that it names for outputs and the summary. Text that comes from the scanned
 * side is escaped, so that none of it is a command. Formats: docs.github.com "Workflow commands for GitHub Actions"; actions/runner ActionCommand.cs (escapes),
 * FileCommandManager.cs (a summary of at most 1 MiB), ExecutionContext.cs (a message of at most 4,096 characters).
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { printable, reasonOf, ToolError } from '../core/errors.ts';

export type Annotation = {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
};

/** One step's summary; the runner drops a larger one whole. */
export const MAX_SUMMARY_BYTES = 1 << 20;
/** The runner cuts messages there. */
const MAX_MESSAGE_CHARACTERS = 4096;

export type Runner = {
  /** A line for people; never a command, whatever it holds. */
  say(line: string): void;
  /** Lines, between marks that switch commands off. */
  print(title: string, pieces: Iterable<string>): void;
  notice(sentence: string): void;
  annotate(annotation: Annotation): void;
  /** Hides a text in everything that the job prints from now on. */
  mask(line: string): void;
  output(name: string, value: string): void;
  /** Returns false where it does not fit or the runner takes none. */
  summary(markdown: string): boolean;
};

export function createRunner(write: (text: string) => void, env: Readonly<Record<string, string | undefined>>): Runner {
  const command = (name: string, properties: Readonly<Record<string, string>>, message: string): void => {
    const pairs = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
    write(`::${name}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${escapeData(message)}\n`);
  };
  const append = (variable: string, text: string): boolean => {
    const path = env[variable];
    if (!path) return false;
    try {
      appendFileSync(path, text);
      return true;
    } catch (error) {
      throw new ToolError('output-failed', { path: variable, reason: reasonOf(error) }, { cause: error });
    }
  };
  return {
    say: (line) => write(`${safeLine(line)}\n`),
    print(title, pieces) {
      command('group', {}, printable(title));
      const token = randomUUID();
      write(`::stop-commands::${token}\n`);
      for (const piece of pieces) write(piece);
      write(`\n::${token}::\n`);
      command('endgroup', {}, '');
    },
    notice: (sentence) => command('notice', { title: 'leakwarden' }, printable(sentence).slice(0, MAX_MESSAGE_CHARACTERS)),
    annotate({ level, title, message, file, line, endLine }) {
      const place = {
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line: String(line) }),
        ...(endLine === undefined ? {} : { endLine: String(endLine) }),
      };
      command(level, { ...place, title: printable(title) }, message.slice(0, MAX_MESSAGE_CHARACTERS));
    },
    mask: (line) => command('add-mask', {}, line),
    output(name, value) {
      const delimiter = `leakwarden-${randomUUID()}`;
      append('GITHUB_OUTPUT', `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
    },
    summary(markdown) {
      return Buffer.byteLength(markdown) <= MAX_SUMMARY_BYTES && append('GITHUB_STEP_SUMMARY', `${markdown}\n`);
    },
  };
}

/**
 * Returns a line that is shown, not obeyed: commands begin a line (`::`), those of the old form may stand anywhere in it (`##[`). A character without width parts
 * their marks.
 */
export function safeLine(line: string): string {
  return printable(line)
    .replace(/^(\s*:):/, '$1\u200b:')
    .replaceAll('##[', '##\u200b[');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
