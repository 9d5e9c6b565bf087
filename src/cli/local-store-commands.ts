/** The commands of the local store, as data: a part of the command line (command-tree.ts). No value is an operand or an option: these are seen by everybody. */
import { FORMS } from '../stores/local-forms.ts';
import type { CommandSpec, OperandSpec, OptionSpec } from './command-tree.ts';

const ref: OperandSpec = { name: 'REF' };
const path: OptionSpec = {
  name: 'path',
  value: 'FOLDER',
  completes: 'files',
  help: 'the store (default: leakwarden/store in the data folder of the user)',
};
const field: OptionSpec = { name: 'field', value: 'NAME', help: 'one field of a secret that has several' };
const json: OptionSpec = { name: 'json', help: 'as JSON' };

export const LOCAL_STORE_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['store', 'put'],
    help: 'put a secret into the local store: from a pipe, or typed without echo',
    operands: [ref],
    options: [field, path],
    examples: [
      ['leakwarden store put app/db', 'asks for the value'],
      ['leakwarden store put app/db --field password < password.txt', 'a field, from a file'],
    ],
  },
  {
    path: ['store', 'get'],
    help: 'give a secret of the local store into a pipe or a file',
    operands: [ref],
    options: [
      { name: 'version', value: 'V', help: 'an older one (default: the current one)' },
      field,
      { name: 'output', short: 'o', value: 'FILE', completes: 'files', help: 'a file, made with mode 0600; "-" is a pipe' },
      path,
    ],
    examples: [
      ['leakwarden store get registry | docker login -u me --password-stdin', 'into a program'],
      ['leakwarden store get app/db --version 1 --output old.txt', 'into a file'],
    ],
  },
  {
    path: ['store', 'versions'],
    help: 'show the versions of a secret of the local store, without values',
    operands: [ref],
    options: [json, path],
    examples: [['leakwarden store versions app/db', 'which is current, and since when']],
  },
  {
    path: ['store', 'rotate'],
    help: 'replace a secret of the local store by a random one, or one from a pipe; the old one stays as superseded',
    operands: [ref],
    options: [
      { name: 'length', value: 'N', help: 'characters of the random value (default: 32)' },
      { name: 'form', value: 'FORM', choices: Object.keys(FORMS), help: 'characters that it is made of (default: letters-digits)' },
      { name: 'stdin', help: 'take the new value from a pipe, or typed without echo' },
      field,
      path,
    ],
    examples: [
      ['leakwarden store rotate app/db', '32 random letters and digits'],
      ['leakwarden store rotate app/db --stdin < password.txt', 'what somebody else made'],
    ],
  },
  {
    path: ['store', 'disable'],
    help: 'give a version of a secret of the local store out no more; its leak is still recognised',
    operands: [ref],
    options: [{ name: 'version', value: 'V', help: 'which' }, path],
    examples: [['leakwarden store disable app/db --version 1', 'when nobody may use it any more']],
  },
  {
    path: ['store', 'log'],
    help: 'show what was done in the local store, and check that nothing was taken out of this log',
    operands: [],
    options: [json, path],
    examples: [['leakwarden store log', 'exit code 1 when the log was changed']],
  },
];
