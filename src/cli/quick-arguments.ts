/**
 * Reads the command line of the commands that must start quickly, when it is plain: known long options (`--name value`, `--name=value`), short ones by
 * themselves, operands. For anything else (help, mistakes, short options in one word) it returns null, and commander, which takes some
 * milliseconds to load, reads it again (full-arguments.ts). Both give the same; a test holds them together.
 */
import { COMMANDS, type CommandSpec, optionsOf } from './command-tree.ts';
import type { Given, GivenOption } from './given.ts';

/** Returns what was given, or null when it is not for this parser. */
export function readQuickly(argv: readonly string[]): Given | null {
  const command = COMMANDS.find(({ path }) => path.every((word, index) => argv[index] === word));
  if (command === undefined) return null;
  const operands: string[] = [];
  const options: GivenOption[] = [];
  const known = optionsOf(command);
  for (let at = command.path.length; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') {
      operands.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const flag = equals < 0 ? word : word.slice(0, equals);
    const option = known.find(({ name, short }) => flag === `--${name}` || flag === `-${short}`);
    if (option === undefined) return null;
    if (option.value === undefined) {
      if (equals >= 0) return null;
      options.push({ name: option.name, value: '' });
      continue;
    }
    const value = equals < 0 ? argv[++at] : word.slice(equals + 1);
    if (value === undefined || (equals < 0 && value.startsWith('-') && value !== '-')) return null;
    options.push({ name: option.name, value });
  }
  return fits(command, operands) ? { command, operands, options } : null;
}

function fits({ operands: specs }: CommandSpec, operands: readonly string[]): boolean {
  const least = specs.filter((spec) => spec.optional !== true).length;
  return operands.length >= least && (operands.length <= specs.length || specs.some((spec) => spec.many === true));
}
