/**
 * The entry of the command line: reads the arguments, runs the command, turns what it throws into words and an exit code. Commands, commander, parsers and
 * reports are loaded only when they are needed, since hooks start this for every commit. Called by bin/leakwarden.cjs through the bundle.
 */
import { EXIT, printable, ToolError } from '../core/errors.ts';
import { checkChoices, type Given } from './given.ts';
import { type Io, sayError } from './io.ts';
import { processIo } from './process-io.ts';
import { readQuickly } from './quick-arguments.ts';

type Command = { readonly run: (given: Given, io: Io) => Promise<number> };

const COMMAND_MODULES: Readonly<Record<string, () => Promise<Command>>> = {
  'scan': () => import('./commands/scan.ts'),
  'audit': () => import('./commands/audit.ts'),
  'fix': () => import('./commands/fix.ts'),
  'rules list': () => import('./commands/rules-list.ts'),
  'rules show': () => import('./commands/rules-show.ts'),
  'rules test': () => import('./commands/rules-test.ts'),
  'rules lint': () => import('./commands/rules-lint.ts'),
  'baseline create': () => import('./commands/baseline-create.ts'),
  'baseline update': () => import('./commands/baseline-update.ts'),
  'baseline explain': () => import('./commands/baseline-explain.ts'),
  'guard': () => import('./commands/guard.ts'),
  'init': () => import('./commands/init.ts'),
  'hooks install': () => import('./commands/hooks-install.ts'),
  'hooks status': () => import('./commands/hooks-status.ts'),
  'hooks uninstall': () => import('./commands/hooks-uninstall.ts'),
  'check': () => import('./commands/check.ts'),
  'store add': () => import('./commands/store-add.ts'),
  'store list': () => import('./commands/store-list.ts'),
  'store sync': () => import('./commands/store-sync.ts'),
  'store status': () => import('./commands/store-status.ts'),
  'store trail': () => import('./commands/store-trail.ts'),
  'report': () => import('./commands/report.ts'),
  'completion': () => import('./commands/completion.ts'),
  'store put': () => import('./commands/store-put.ts'),
  'store get': () => import('./commands/store-get.ts'),
  'store versions': () => import('./commands/store-versions.ts'),
  'store rotate': () => import('./commands/store-rotate.ts'),
  'store disable': () => import('./commands/store-disable.ts'),
  'store log': () => import('./commands/store-log.ts'),
  'rotate': () => import('./commands/rotate.ts'),
  'rotate status': () => import('./commands/rotate-status.ts'),
  'rotate resume': () => import('./commands/rotate-resume.ts'),
  'rotate abort': () => import('./commands/rotate-abort.ts'),
  'rotate verify-log': () => import('./commands/rotate-verify-log.ts'),
};

/** Runs one command line and returns its exit code; never throws. `argv` is without node and script. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  try {
    const given = readQuickly(argv) ?? (await readSlowly(argv, io));
    if (typeof given === 'number') return given;
    checkChoices(given);
    const load = COMMAND_MODULES[given.command.path.join(' ')];
    if (load === undefined) throw new Error(`no module for ${given.command.path.join(' ')}`);
    return await (await load()).run(given, io);
  } catch (error) {
    if (error instanceof ToolError) {
      sayError(io, error);
      return EXIT.usage;
    }
    sayBug(io, error);
    return EXIT.bug;
  }
}

/** Runs the process's own command line. `workerFile`: what starts src/engine/worker.ts in a thread; `programFile`: what node was started with. */
export async function main(workerFile: string | null, programFile: string | null): Promise<void> {
  const code = await runCommandLine(process.argv.slice(2), processIo(workerFile, programFile));
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(code);
}

/** Returns the exit code when help was all that was asked for. */
async function readSlowly(argv: readonly string[], io: Io): Promise<Given | number> {
  const { readFully } = await import('./full-arguments.ts');
  const { ALL_COMMANDS } = await import('./store-settings.ts');
  const reading = readFully(argv, io.version, io.stdout.columns ?? 80, ALL_COMMANDS);
  if (reading.kind === 'given') return reading.given;
  (reading.kind === 'help' ? io.stdout : io.stderr).write(reading.text);
  return reading.kind === 'help' ? EXIT.clean : EXIT.usage;
}

function sayBug(io: Io, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map((line) => `  ${printable(line)}\n`);
  io.stderr.write(`leakwarden: error: this is a bug in leakwarden ${io.version}\n${lines.join('')}`);
  io.stderr.write('leakwarden: hint: report it with these lines and the command; look through them for secrets first\n');
}
