/** What the command line said, whichever parser read it: the command, its operands, its options in the order in which they were given. */
import { ToolError } from '../core/errors.ts';
import { type CommandSpec, optionsOf } from './command-tree.ts';
import { didYouMean } from './nearest-word.ts';

export type GivenOption = { readonly name: string; readonly value: string };

export type Given = { readonly command: CommandSpec; readonly operands: readonly string[]; readonly options: readonly GivenOption[] };

/** Returns the last value of an option, or undefined. A switch that is set has the value ''. */
export function optionOf({ options }: Given, name: string): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

export function optionsNamed({ options }: Given, name: string): string[] {
  return options.filter((option) => option.name === name).map((option) => option.value);
}

export function isSet(given: Given, name: string): boolean {
  return optionOf(given, name) !== undefined;
}

/** Throws ToolError `bad-option` when a value is none of the choices of its option. */
export function checkChoices({ command, options }: Given): void {
  for (const { name, value } of options) {
    const choices = optionsOf(command).find((option) => option.name === name)?.choices;
    if (choices === undefined || choices.includes(value)) continue;
    throw new ToolError('bad-option', {
      message: `--${name} must be one of ${choices.join(', ')}, not ${value}${didYouMean(value, choices)}`,
    });
  }
}
