import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS, optionsOf } from '../../src/cli/command-tree.ts';
import { readFully } from '../../src/cli/full-arguments.ts';
import { checkChoices, type Given } from '../../src/cli/given.ts';
import { readQuickly } from '../../src/cli/quick-arguments.ts';

const quickly = (line: string): Given | null => readQuickly(line.split(' '));

function fully(argv: readonly string[]): Given {
  const reading = readFully(argv, '1.2.3', 80);
  if (reading.kind !== 'given') throw new Error(reading.text);
  return reading.given;
}

describe('the quick reader', () => {
  it('reads options with values, switches and operands, in order', () => {
    const given = quickly('scan -f json src --output=a.json --staged -o - b -- --c');
    expect(given?.operands).toEqual(['src', 'b', '--c']);
    expect(given?.options).toEqual([
      { name: 'format', value: 'json' },
      { name: 'output', value: 'a.json' },
      { name: 'staged', value: '' },
      { name: 'output', value: '-' },
    ]);
  });

  it.each([
    'scan --help',
    'scan --unknown',
    'scan -fjson',
    'scan --format',
    'scan --format --staged',
    'scan --staged=yes',
    'rules',
    'rules show',
    'rules show a b',
    'help scan',
    '',
  ])('leaves to commander: %s', (line) => {
    expect(quickly(line)).toBeNull();
  });

  it('agrees with commander on whatever it reads', () => {
    const word = fc.constantFrom('a', 'b.ts', '-', '--', 'x=y', '--=', '-z');
    const lines = fc.constantFrom(...COMMANDS).chain((command) => {
      const option = fc.constantFrom(...optionsOf(command)).chain(({ name, short, value }) => {
        const flag = fc.constantFrom(`--${name}`, ...(short === undefined ? [] : [`-${short}`]));
        if (value === undefined) return flag.map((one) => [one]);
        return fc.oneof(
          fc.tuple(flag, word).map((pair) => [...pair]),
          word.map((one) => [`--${name}=${one}`]),
        );
      });
      const part = fc.oneof(
        option,
        word.map((one) => [one]),
      );
      return fc.array(part, { maxLength: 6 }).map((parts) => [...command.path, ...parts.flat()]);
    });
    let read = 0;
    fc.assert(
      fc.property(lines, (argv) => {
        const given = readQuickly(argv);
        if (given === null) return;
        read++;
        expect(fully(argv)).toEqual(given);
      }),
      { seed: 11, numRuns: 1200 },
    );
    expect(read).toBeGreaterThan(200);
  });
});

describe('commander', () => {
  it.each([
    [['scna'], "unknown command 'scna' (did you mean scan?)"],
    [['scan', '--stagd'], "unknown option '--stagd' (did you mean --staged?)"],
    [['scan', '--format'], "option '-f, --format <FORMAT>' argument missing"],
    [['rules', 'show'], "missing required argument 'RULE'"],
    [['rules', 'shwo', 'x'], "unknown command 'shwo' (did you mean show?)"],
    [['completion', 'bash', 'zsh'], "too many arguments for 'completion'. Expected 1 argument but got 2"],
  ])('%j is a usage error', (argv, message) => {
    expect(() => readFully(argv, '1.2.3', 80)).toThrow(message);
  });

  it.each([['--help'], ['help'], ['scan', '--help'], ['help', 'scan'], ['rules', 'list', '-h']])('%s %s: help', (...argv) => {
    const reading = readFully(argv, '1.2.3', 80);
    expect(reading.kind).toBe('help');
    expect(reading.kind === 'given' ? '' : reading.text).toContain('Usage: leakwarden');
  });

  it('shows examples in the help of every command', () => {
    for (const { path, examples } of COMMANDS) {
      const reading = readFully([...path, '--help'], '1.2.3', 80);
      const text = reading.kind === 'given' ? '' : reading.text;
      for (const [line] of examples) expect(text).toContain(line);
      expect(examples.length).toBeGreaterThan(0);
    }
  });

  it('says the version alone', () => {
    expect(readFully(['--version'], '1.2.3', 80)).toEqual({ kind: 'help', text: '1.2.3\n' });
  });

  it('takes no option of the program after a command', () => {
    expect(() => readFully(['scan', '--version'], '1.2.3', 80)).toThrow("unknown option '--version'");
  });

  it.each([[[]], [['rules']], [['baseline']]])('%j lacks a command', (argv) => {
    expect(readFully(argv, '1.2.3', 80).kind).toBe('usage');
  });
});

describe('choices', () => {
  it('are checked for every option that has them', () => {
    const given = quickly('scan --color sometimes');
    expect(() => given && checkChoices(given)).toThrow('--color must be one of auto, always, never, not sometimes');
    const near = quickly('scan --fail-on nevr');
    expect(() => near && checkChoices(near)).toThrow('(did you mean never?)');
  });
});
