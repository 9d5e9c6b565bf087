/**
 * The commands as command-tree.ts has them, and `store add` with the settings of every kind of store as options: `--address`, `--region`. Apart from the tree, since
 * the connectors are loaded only when help, completion or `store add` need them.
 */
import { STORE_KINDS } from '../stores/index.ts';
import { COMMANDS, type CommandSpec, type OptionSpec } from './command-tree.ts';

/** Returns one option for each name of a setting, with what it means to each kind. */
function settingOptions(): OptionSpec[] {
  const byName = new Map<string, { helps: string[]; isList: boolean }>();
  for (const { kind, settings } of STORE_KINDS) {
    for (const { name, help, isList } of settings) {
      const known = byName.get(name) ?? { helps: [], isList: false };
      known.helps.push(`${kind}: ${help}`);
      known.isList ||= isList === true;
      byName.set(name, known);
    }
  }
  return [...byName].map(([name, { helps, isList }]) => {
    const option = { name, value: name.toUpperCase().replace(/^.*-/, ''), help: helps.join('; ') };
    return isList ? { ...option, repeatable: true as const } : option;
  });
}

function withSettings(command: CommandSpec): CommandSpec {
  if (command.path.join(' ') !== 'store add') return command;
  const named = new Set(command.options.map(({ name }) => name));
  return { ...command, options: [...command.options, ...settingOptions().filter(({ name }) => !named.has(name))] };
}

export const ALL_COMMANDS: readonly CommandSpec[] = COMMANDS.map(withSettings);
