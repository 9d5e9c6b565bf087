/**
 * An issuer that is a program of the owner's own, for what leakwarden knows no other way to change. It is asked by one JSON object on standard input and answers with
 * one on file descriptor 3 (docs/rotation.md has the table); secrets are in these two only. Settings: `program`, and the names of the variables that it may see.
 * In: settings of the owner's rotators.toml, never of a repository. Out: Issuer.
 */
import { isAbsolute, resolve } from 'node:path';
import { newValue } from '../core/new-value.ts';
import type { Happened, Issuer, IssuerAnswer, IssuerPart, RotationAction, RotationRun } from '../core/rotation.ts';
import { RotationError } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { runProgram } from '../system/run-program.ts';
import type { IssuerContext, IssuerKind, IssuerSettings } from './issuer-kind.ts';

const PROTOCOL = 'leakwarden/rotator@1';
/** facts/stores.md 6.2. */
const PROGRAM_TIMEOUT_MS = 60_000;
/** What any program needs to find its way; all else must be named. */
const USUAL_VARIABLES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SYSTEMROOT'];
const MAX_SENTENCES = 50;
const MAX_SENTENCE_CHARS = 500;
const MAX_VALUE_CHARS = 1 << 16;

export const command: IssuerKind = {
  kind: 'command',
  name: 'a program of your own',
  settings: [
    { name: 'program', help: 'the program: a path, relative to the folder of rotators.toml', isRequired: true },
    { name: 'variables', help: 'names of environment variables that it may see, beside PATH, HOME and the language: PGHOST, PGUSER' },
    { name: 'length', help: 'characters of a new value, where the program does not make it (default: 40)' },
  ],
  create: (settings, context) => new CommandIssuer(settings, context),
};

type Operation = 'describe' | 'check' | 'create' | 'apply' | 'happened' | 'discard' | 'disable' | 'enable';
type Reply = Readonly<Record<string, unknown>>;

/** What the program can do, by its own word. */
type Description = {
  readonly identity: string;
  /** It makes the new value; otherwise leakwarden does. */
  readonly creates: boolean;
  /** The old value must be ended by itself: it does not end when the new one is applied. */
  readonly disables: boolean;
  readonly enables: boolean;
  readonly discards: boolean;
  readonly effects: readonly string[];
  readonly warnings: readonly string[];
};

class CommandIssuer implements Issuer {
  readonly id: string;
  readonly #program: string;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #length: number;

  constructor(settings: IssuerSettings, { env, folder }: IssuerContext) {
    const { program = '', variables = '', length = '40' } = settings;
    if (program === '') throw cannot('issuer of kind command: program is missing');
    if (!/^\d{1,4}$/.test(length)) throw cannot('issuer of kind command: length is no number');
    this.#program = isAbsolute(program) ? program : resolve(folder, program);
    this.#folder = folder;
    this.#length = Number(length);
    const names = [...USUAL_VARIABLES, ...variables.split(/[\s,]+/).filter((name) => name !== '')];
    this.#env = Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']])));
    this.id = `command:${this.#program}`;
  }

  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    let reply: Reply;
    try {
      reply = await this.#ask('check', { value: reveal(value, 'ask') }, signal);
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      return { state: 'unknown', why: error.why === 'timed-out' ? 'timed-out' : error.why === 'unreachable' ? 'unreachable' : 'odd-reply' };
    }
    if (reply['state'] === 'accepted')
      return { state: 'accepted', ...(isSentence(reply['identity']) ? { identity: reply['identity'] } : {}) };
    return reply['state'] === 'refused' ? { state: 'refused' } : { state: 'unknown', why: 'odd-reply' };
  }

  async plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun = false): Promise<IssuerPart> {
    const about = await this.#describe(what, old, signal, isBegun);
    const { identity, warnings, disables } = about;
    if (what === 'revoke' && !disables) throw cannot(`${this.id} cannot end ${identity} without a new value`);
    const actions = what === 'revoke' ? [] : [about.creates ? this.#create(about) : this.#make(), this.#apply(about)];
    return { identity, actions: disables ? [...actions, this.#disable(about)] : actions, warnings };
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #describe(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun: boolean): Promise<Description> {
    const reply = await this.#ask('describe', { what, isBegun, old: reveal(old, 'ask') }, signal);
    const { identity } = reply;
    if (!isSentence(identity)) throw odd(`${this.id} does not say whose credential it is`, false);
    const can = (name: string): boolean => reply[name] === true;
    return {
      identity,
      creates: can('creates'),
      disables: can('disables'),
      enables: can('enables'),
      discards: can('discards'),
      effects: sentencesOf(reply['effects']),
      warnings: sentencesOf(reply['warnings']),
    };
  }

  /** Nobody knows the value yet, so there is nothing to take back. */
  #make(): RotationAction {
    return {
      id: 'command:make',
      reaches: 'CREATED',
      does: `makes a random value of ${this.#length} letters and digits`,
      repeat: 'always',
      effects: [],
      happened: async ({ fresh }) => (fresh === null ? 'no' : 'yes'),
      act: async ({ keep }) => keep(newValue({ length: this.#length, label: 'command' })),
      undo: { does: 'forgets the new value', act: async () => undefined },
    };
  }

  #create({ identity, discards }: Description): RotationAction {
    return {
      id: 'command:create',
      reaches: 'CREATED',
      does: `${this.#program} makes a new credential of ${identity}`,
      // A value that was made and not kept helps nobody: the program gives the same one again, or makes another and ends the first.
      repeat: 'always',
      effects: [],
      happened: async ({ fresh }) => (fresh === null ? 'no' : 'yes'),
      act: async (run) => {
        const { value } = await this.#tell('create', run);
        if (typeof value !== 'string' || value === '' || value.length > MAX_VALUE_CHARS) throw odd(`${this.id} made no value`, true);
        await run.keep(new Secret(value, 'command'));
      },
      undo: discards ? { does: `${this.#program} ends the new credential of ${identity}`, act: (run) => this.#do('discard', run) } : null,
    };
  }

  #apply({ identity, creates, disables, discards, effects }: Description): RotationAction {
    return {
      id: 'command:apply',
      reaches: 'APPLIED',
      does: `${this.#program} makes the new value work for ${identity}`,
      repeat: 'when-not-done',
      effects: [...effects, ...(disables ? [] : [`the old value of ${identity} stops working at this step`])],
      happened: (run) => this.#happened('apply', run),
      act: (run) => this.#do('apply', run),
      undo:
        discards && !creates
          ? { does: `${this.#program} makes the old value of ${identity} work, and no other`, act: (run) => this.#do('discard', run) }
          : null,
    };
  }

  #disable({ identity, enables }: Description): RotationAction {
    return {
      id: 'command:disable',
      reaches: 'OLD_DISABLED',
      does: `${this.#program} ends the old credential of ${identity}`,
      repeat: 'when-not-done',
      effects: [`whoever still uses the old value of ${identity} is refused`],
      happened: (run) => this.#happened('disable', run),
      act: (run) => this.#do('disable', run),
      undo: enables
        ? { does: `${this.#program} makes the old credential of ${identity} work again`, act: (run) => this.#do('enable', run) }
        : null,
    };
  }

  async #happened(step: 'apply' | 'disable', run: RotationRun): Promise<Happened> {
    const { happened } = await this.#tell('happened', run, { step });
    return happened === 'yes' || happened === 'no' ? happened : 'unclear';
  }

  async #do(operation: Operation, run: RotationRun): Promise<void> {
    await this.#tell(operation, run);
  }

  #tell(operation: Operation, { id, old, fresh, signal }: RotationRun, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const values = { old: reveal(old, 'ask'), new: fresh === null ? null : reveal(fresh, 'ask') };
    return this.#ask(operation, { rotation: id, ...values, ...more }, signal);
  }

  /** Exit 0: done. 1: refused, and nothing was changed. 75 (EX_TEMPFAIL of sysexits.h): not now, and nothing was changed. Anything else: nobody knows. */
  async #ask(operation: Operation, question: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Reply> {
    const end = await runProgram({
      program: this.#program,
      args: [],
      cwd: this.#folder,
      env: this.#env,
      input: `${JSON.stringify({ protocol: PROTOCOL, operation, ...question })}\n`,
      timeoutMs: PROGRAM_TIMEOUT_MS,
      signal,
    });
    switch (end.how) {
      case 'not-started':
        throw cannot(`${this.#program} cannot be started`);
      case 'timed-out':
        throw new RotationError('timed-out', `${this.#program} gave no answer to ${operation} in time`, { mayHaveHappened: true });
      case 'killed':
      case 'interrupted':
      case 'too-much':
        throw odd(`${this.#program} was ended in the middle of ${operation}`, true);
      case 'exited':
        return this.#readAnswer(operation, end.code, end.answer);
    }
  }

  #readAnswer(operation: Operation, code: number, answer: string): Reply {
    if (code === 1) throw new RotationError('refused', `${this.#program} refused to ${operation}`, { mayHaveHappened: false });
    if (code === 75)
      throw new RotationError('unreachable', `${this.#program} cannot ${operation} at this time`, { mayHaveHappened: false });
    if (code !== 0) throw odd(`${this.#program} failed to ${operation} (exit ${code})`, true);
    try {
      const value: unknown = JSON.parse(answer.trim() === '' ? '{}' : answer);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      // Said below; the text itself may hold a secret.
    }
    throw odd(`${this.#program} gave no JSON object as its answer to ${operation}`, true);
  }
}

function cannot(message: string): RotationError {
  return new RotationError('cannot', message, { mayHaveHappened: false });
}

function odd(message: string, mayHaveHappened: boolean): RotationError {
  return new RotationError('odd-reply', message, { mayHaveHappened });
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_SENTENCE_CHARS;
}

function sentencesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isSentence).slice(0, MAX_SENTENCES) : [];
}
