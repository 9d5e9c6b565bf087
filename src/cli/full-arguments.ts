/**
 * Reads the command line with commander: help, version, mistakes and suggestions. Built from command-tree.ts; loaded by main.ts only when
 * quick-arguments.ts gives up.
 */
import { Command, CommanderError, Option } from 'commander';
import { ToolError } from '../core/errors.ts';
import { COMMANDS, type CommandSpec, GROUPS, type OptionSpec, optionsOf } from './command-tree.ts';
import type { Given, GivenOption } from './given.ts';

/** `help`: text for stdout, exit 0. `usage`: no command was named, help for stderr, exit 2. */
export type FullReading = { readonly kind: 'given'; readonly given: Given } | { readonly kind: 'help' | 'usage'; readonly text: string };

const INTRODUCTION = 'Finds credentials that leaked into source code.';

const CLOSING = `
Examples:
  leakwarden scan                      the working directory
  leakwarden scan --staged             what the next commit adds
  leakwarden scan -f json -o leaks.json
  leakwarden rules show RULE           what a rule finds and what to do
  leakwarden baseline create           report only what comes after today

Exit codes: 0 nothing found · 1 findings · 2 usage or configuration · 3 nothing found, but not all could be read · 70 bug
Settings: leakwarden.toml, LEAKWARDEN_* (docs/configuration.md)`;

/** Throws ToolError `bad-option` for what it does not understand. */
export function readFully(
  argv: readonly string[],
  version: string,
  columns: number,
  commands: readonly CommandSpec[] = COMMANDS,
): FullReading {
  let text = '';
  let given: Given | null = null;
  const program = buildProgram(
    version,
    columns,
    commands,
    (chunk) => {
      text += chunk;
    },
    (reading) => {
      given = reading;
    },
  );
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'help', text };
    if (error.code === 'commander.help') return { kind: 'usage', text };
    throw new ToolError('bad-option', { message: sentenceOf(error) }, { cause: error });
  }
  return given === null ? { kind: 'usage', text: program.helpInformation() } : { kind: 'given', given };
}

function buildProgram(
  version: string,
  columns: number,
  commands: readonly CommandSpec[],
  write: (text: string) => void,
  done: (given: Given) => void,
): Command {
  const prepare = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({
        writeOut: write,
        writeErr: write,
        outputError: () => undefined,
        getOutHelpWidth: () => columns,
        getErrHelpWidth: () => columns,
      })
      .helpOption('-h, --help', 'show this help');
  const program = prepare(new Command('leakwarden'))
    .description(INTRODUCTION)
    .version(version, '-V, --version', 'show the version')
    // Options of the program stand before the command: after it, --version is the command's own, where it has one.
    .enablePositionalOptions()
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .addHelpText('after', CLOSING);
  const groups = new Map<string, Command>();
  for (const [name, help] of Object.entries(GROUPS)) {
    groups.set(name, prepare(new Command(name)).description(help).helpCommand(false).enablePositionalOptions());
  }
  for (const spec of commands) {
    const [first = '', second] = spec.path;
    const group = groups.get(first);
    if (group !== undefined && !program.commands.includes(group)) program.addCommand(group);
    if (group !== undefined && second === undefined) buildCommand(group, spec, done);
    else (group ?? program).addCommand(buildCommand(prepare(new Command(second ?? first)), spec, done));
  }
  return program;
}

function buildCommand(command: Command, spec: CommandSpec, done: (given: Given) => void): Command {
  const options: GivenOption[] = [];
  command.description(spec.help);
  for (const { name, many, optional } of spec.operands) {
    const word = many === true ? `${name}...` : name;
    command.argument(optional === true ? `[${word}]` : `<${word}>`);
  }
  for (const option of optionsOf(spec)) {
    command.addOption(toOption(option));
    command.on(`option:${option.name}`, (value: string | null) => options.push({ name: option.name, value: value ?? '' }));
  }
  if (spec.examples.length > 0) {
    const width = Math.max(...spec.examples.map(([line]) => line.length)) + 3;
    command.addHelpText('after', `\nExamples:\n${spec.examples.map(([line, what]) => `  ${line.padEnd(width)}${what}`).join('\n')}`);
  }
  return command.action(() => done({ command: spec, operands: command.args, options }));
}

/** Choices are checked later, by what reads the settings: the same for options, variables and configuration. */
function toOption({ name, short, value, help }: OptionSpec): Option {
  const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;
  return new Option(flags, help);
}

/** `error: unknown option '--stagd'\n(Did you mean --staged?)` to our way of speaking. */
function sentenceOf(error: CommanderError): string {
  return error.message
    .replace(/^error: /, '')
    .replace(/\n?\(Did you mean/, ' (did you mean')
    .replace(/\.$/, '')
    .trim();
}
