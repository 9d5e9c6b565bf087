/** `leakwarden store rotate`: a random value, or one from a pipe, becomes the current version of a secret of the local store. The value is not shown. */
import { ToolError } from '../../core/errors.ts';
import { FORMS, type Form, randomValue } from '../../stores/local-forms.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { readValue, say, withLocalStore } from '../local-store.ts';

/** Of letters and digits these are 190 bits. */
const DEFAULT_LENGTH = '32';

export async function run(given: Given, io: Io): Promise<number> {
  const [ref = ''] = given.operands;
  if (isSet(given, 'stdin') && (isSet(given, 'length') || isSet(given, 'form')))
    throw new ToolError('bad-option', { message: '--stdin gives the value itself; leave --length and --form out' });
  return withLocalStore(given, io, async (store) => {
    await store.versions(ref);
    const value = isSet(given, 'stdin') ? await readValue(io, ref) : randomValue(formOf(given), lengthOf(given));
    const version = await store.rotate(ref, optionOf(given, 'field') ?? null, value);
    say(given, io, `version ${version} of ${ref} is current; give it to those who use it: leakwarden store get ${ref}`);
    return 0;
  });
}

function formOf(given: Given): Form {
  const named = optionOf(given, 'form') ?? 'letters-digits';
  const isForm = (name: string): name is Form => Object.hasOwn(FORMS, name);
  return isForm(named) ? named : 'letters-digits';
}

function lengthOf(given: Given): number {
  const text = optionOf(given, 'length') ?? DEFAULT_LENGTH;
  if (!/^\d{1,6}$/.test(text)) throw new ToolError('bad-option', { message: `--length must be a number, not ${text}` });
  return Number(text);
}
