/** The commands of rotations, as data: a part of the command line (command-tree.ts). No value is an operand or an option: these are seen by everybody. */
import type { CommandSpec, OperandSpec, OptionSpec } from './command-tree.ts';

const json: OptionSpec = { name: 'json', help: 'as JSON' };
const plan: OperandSpec = { name: 'PLAN', completes: 'files' };
const somePlan: OperandSpec = { ...plan, optional: true };
const where: OptionSpec = {
  name: 'in',
  value: 'PATH',
  repeatable: true,
  completes: 'files',
  help: 'where ids are looked for: files, folders, repositories, bundles, URLs (default: the working directory and its history)',
};

/** `rotate` itself comes last: the quick reader takes the first command that fits. */
export const ROTATION_COMMANDS: readonly CommandSpec[] = [
  {
    path: ['rotate', 'status'],
    help: 'show rotations: what was done, what waits for somebody',
    operands: [somePlan],
    options: [json],
    examples: [['leakwarden rotate status', 'exit code 3 when one is not over']],
  },
  {
    path: ['rotate', 'resume'],
    help: 'go on with a rotation that was stopped or killed',
    operands: [somePlan],
    options: [],
    examples: [['leakwarden rotate resume', 'the one that is not over; far sides are asked what happened']],
  },
  {
    path: ['rotate', 'abort'],
    help: 'take back what a rotation has done',
    operands: [somePlan],
    options: [
      { name: 'settled-by', value: 'NAME', help: 'take nothing back: NAME has put it right by hand' },
      { name: 'reason', value: 'TEXT', help: 'why, for the log' },
    ],
    examples: [
      ['leakwarden rotate abort 3f2a9c41', 'the last thing first; refused where something cannot be taken back'],
      ['leakwarden rotate abort 3f2a9c41 --settled-by alice', 'it waits for nobody any more, and its values are forgotten'],
    ],
  },
  {
    path: ['rotate', 'verify-log'],
    help: 'check that nothing was changed in the log of rotations, or taken out of it',
    operands: [],
    options: [json, { name: 'expect', value: 'N:MAC', repeatable: true, help: 'this line must be in it, as an earlier check printed it' }],
    examples: [['leakwarden rotate verify-log', 'exit code 1 when it was changed']],
  },
  {
    path: ['rotate'],
    help: 'plan how a leaked credential is replaced, or carry such a plan out',
    operands: [{ name: 'FINDING', many: true, optional: true }],
    options: [
      where,
      { name: 'at', value: 'PLACE', help: 'which one, where several secrets hold the value: NAME:REF#FIELD' },
      { name: 'revoke', help: 'end the leaked one at its issuer, and put nothing in its place' },
      { name: 'settle', value: 'SECONDS', help: 'time for readers to change over (default: 600)' },
      { name: 'proof', value: 'SECONDS', help: 'time over which the old value must be refused (default: 60)' },
      { name: 'output', short: 'o', value: 'FILE', completes: 'files', help: 'write the plan into a file, too' },
      json,
      {
        name: 'apply',
        value: 'PLAN',
        repeatable: true,
        completes: 'files',
        help: 'carry a plan out: its file, or the first digits of its id',
      },
      { name: 'approve', value: 'NAME', repeatable: true, help: 'who has read the plan and agrees; two people for protected stores' },
      { name: 'no-progress', help: 'show no progress' },
    ],
    examples: [
      ['leakwarden rotate src/pay.js:12', 'shows what would be done; changes nothing. A finding is FILE:LINE, or its id'],
      ['leakwarden rotate --apply 3f2a9c41 --approve alice', 'does it'],
      ['leakwarden rotate 1f0c5a77 --in ../api --revoke', 'what leaked into another repository, ended at its issuer'],
    ],
  },
];
