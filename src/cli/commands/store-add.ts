/** `leakwarden store add KIND --name NAME …`: names a store in the user's own list. Nobody is asked yet; what is missing to read it is said at once. */
import { EXIT, ToolError } from '../../core/errors.ts';
import { StoreError } from '../../core/stores.ts';
import { type Given, optionOf, optionsNamed } from '../given.ts';
import { type Io, note } from '../io.ts';
import { addStore, kindOf, openStore, storesFile } from '../stores-file.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const kind = await kindOf(given.operands[0] ?? '');
  const name = optionOf(given, 'name') ?? kind.kind;
  const foreign = given.options.find(
    ({ name: option }) => !['name', 'quiet', 'color'].includes(option) && !kind.settings.some((setting) => setting.name === option),
  );
  if (foreign) throw new ToolError('bad-option', { message: `a store of kind ${kind.kind} has no --${foreign.name}` });
  const settings = kind.settings.flatMap(({ name: option, isList, isRequired }): [string, string | readonly string[]][] => {
    const values = optionsNamed(given, option);
    if (values.length === 0 && isRequired === true)
      throw new ToolError('bad-option', { message: `a store of kind ${kind.kind} needs --${option}` });
    return values.length === 0 ? [] : [[option, isList === true ? values : (values.at(-1) ?? '')]];
  });
  const path = storesFile(io.env);
  const store = { name, kind: kind.kind, settings: Object.fromEntries(settings) };
  await addStore(path, store);
  note(io, `${name} is in ${path}; next: leakwarden store sync ${name}`);
  try {
    await openStore(store, path, io);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    note(io, `it cannot be read yet: ${error.message}`);
  }
  return EXIT.clean;
}
